-- Articles without English to show, and why.
CREATE OR REPLACE VIEW v_untranslated AS
SELECT
    v.article_id,
    v.source_id,
    v.source_name,
    v.lang,
    v.title,
    v.word_count,
    v.published_at,
    v.translation_status,
    coalesce(t.checks, []) AS checks,
    t.engine,
    v.story_id,
    v.beats
FROM v_articles v
LEFT JOIN translations t ON t.article_id = v.article_id AND t.target = 'en'
WHERE v.translation_status IN ('pending', 'quarantined');

COMMENT ON VIEW v_untranslated IS 'Articles without English to show. One row per article.';
COMMENT ON COLUMN v_untranslated.translation_status IS 'pending (waits for an engine or model) or quarantined (the translation failed its checks).';
COMMENT ON COLUMN v_untranslated.checks IS 'Codes that say why, see docs/reasons.md.';
COMMENT ON COLUMN v_untranslated.engine IS 'Engine whose translation failed. NULL: none tried.';
