-- What the analysts' standing queries found: one row per watch and text, told by the earliest of its copies that match.
CREATE OR REPLACE VIEW v_watch_matches AS
WITH matches AS (
    SELECT
        m.watch_id,
        v.text_group_id,
        v.article_id,
        m.evidence,
        min(m.matched_at) OVER same_text AS matched_at,
        count(*) OVER same_text AS article_count,
        v.source_id,
        v.source_name,
        v.country,
        v.lang,
        v.title,
        v.title_en,
        v.summary,
        v.published_at,
        v.published_precision,
        v.url,
        v.story_id,
        v.published_by
    FROM watch_matches m
    JOIN v_articles v ON v.article_id = m.article_id
    WINDOW same_text AS (PARTITION BY m.watch_id, v.text_group_id)
)
SELECT
    m.watch_id,
    w.name AS watch_name,
    m.text_group_id,
    m.article_id,
    m.evidence,
    m.matched_at,
    m.article_count,
    m.source_id,
    m.source_name,
    m.country,
    m.lang,
    m.title,
    m.title_en,
    m.summary,
    m.published_at,
    m.published_precision,
    m.url,
    m.story_id
FROM matches m
JOIN watches w ON w.watch_id = m.watch_id
QUALIFY row_number() OVER (PARTITION BY m.watch_id, m.text_group_id ORDER BY m.published_by, m.article_id) = 1;

COMMENT ON VIEW v_watch_matches IS 'What the standing queries found, copies folded. One row per watch and text.';
COMMENT ON COLUMN v_watch_matches.watch_id IS 'The watch: a name of its own in config/watches.toml.';
COMMENT ON COLUMN v_watch_matches.watch_name IS 'What people call the watch.';
COMMENT ON COLUMN v_watch_matches.article_id IS 'The earliest article with this text that matches.';
COMMENT ON COLUMN v_watch_matches.evidence IS 'The words, topics and other conditions that it met.';
COMMENT ON COLUMN v_watch_matches.matched_at IS 'When the text was first found to match (UTC).';
COMMENT ON COLUMN v_watch_matches.article_count IS 'Articles with this text that match.';
COMMENT ON COLUMN v_watch_matches.title_en IS 'English title where there is one to show.';
