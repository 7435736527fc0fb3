-- What the people on call were, or would have been, told.
CREATE TABLE alerts (
    alert_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    words VARCHAR NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    sent_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ
);

COMMENT ON TABLE alerts IS 'What is or was amiss with the running of Atalaya. One row per thing and time it began.';
COMMENT ON COLUMN alerts.alert_id IS 'Kind, subject and the time it began.';
COMMENT ON COLUMN alerts.kind IS 'country_dark, source_down, untranslated or no_run.';
COMMENT ON COLUMN alerts.subject IS 'The country, source_id or language it is about; empty for no_run.';
COMMENT ON COLUMN alerts.words IS 'The alert in words.';
COMMENT ON COLUMN alerts.since IS 'When it was first noticed (UTC).';
COMMENT ON COLUMN alerts.sent_at IS 'When somebody was told (UTC). NULL: nobody was, no address is set or none could be reached.';
COMMENT ON COLUMN alerts.ended_at IS 'When it was found to be over (UTC). NULL: it goes on.';
