-- By what a translation was made beside the engine: what says that it is to be done again.
ALTER TABLE translations ADD COLUMN engines_asked VARCHAR;
ALTER TABLE translations ADD COLUMN gate_version VARCHAR;
ALTER TABLE translations ADD COLUMN glossary_version VARCHAR;

-- The same in the history, where the time of the change stands last.
CREATE TABLE log.translations_renewed AS
SELECT
    * EXCLUDE (superseded_at),
    NULL::VARCHAR AS engines_asked,
    NULL::VARCHAR AS gate_version,
    NULL::VARCHAR AS glossary_version,
    superseded_at
FROM log.translations;
DROP TABLE log.translations;
ALTER TABLE log.translations_renewed RENAME TO translations;
COMMENT ON TABLE log.translations IS 'Rows of translations as they were before they changed or went; same columns.';
COMMENT ON COLUMN log.translations.superseded_at IS 'When the row was replaced or deleted (UTC).';

COMMENT ON COLUMN translations.engines_asked IS 'Engines with their versions in the order they were to be asked, e.g. "argos es_en-1.9 > apertium eng-spa-0.8.1". NULL: not translated.';
COMMENT ON COLUMN translations.gate_version IS 'Version of the checks that judged it. NULL: not translated.';
COMMENT ON COLUMN translations.glossary_version IS 'Version of the glossary that was applied. NULL: not translated.';
COMMENT ON COLUMN translations.title IS 'Translated title. NULL: none, or it failed its checks.';
COMMENT ON COLUMN translations.text IS 'Translated text, with [es] before a sentence that is left in its own language. NULL: none, or it failed its checks.';
COMMENT ON COLUMN translations.engine IS 'argos (neural) or apertium (rules, gist quality); argos+apertium: both had a part. NULL: not translated by a machine.';
