-- One row per story and country of outlet.
CREATE OR REPLACE VIEW v_coverage AS
SELECT
    v.story_id,
    v.country,
    count(*) AS article_count,
    greatest(1, count(DISTINCT v.text_group_id) FILTER (WHERE v.kind = 'full')) AS voice_count_min,
    count(DISTINCT v.text_group_id) AS voice_count_max,
    count(DISTINCT v.source_id) AS source_count,
    min(v.published_by) AS first_published_at,
    max(v.published_by) AS last_published_at,
    list_sort(list(DISTINCT v.lang)) AS languages,
    list_sort(list(DISTINCT v.source_id)) AS sources
FROM v_articles v
WHERE v.story_id IS NOT NULL
GROUP BY v.story_id, v.country;

COMMENT ON VIEW v_coverage IS 'How much outlets of each country published on each story. One row per story and country.';
COMMENT ON COLUMN v_coverage.country IS 'Country of the outlets, ISO 3166-1 alpha-2.';
COMMENT ON COLUMN v_coverage.article_count IS 'Articles by outlets of this country.';
COMMENT ON COLUMN v_coverage.voice_count_min IS 'Different full texts when copies are folded, at least 1. A wire text used in two countries counts in both.';
COMMENT ON COLUMN v_coverage.voice_count_max IS 'The same, each feed-only article counted for itself.';
COMMENT ON COLUMN v_coverage.source_count IS 'Outlets of this country that cover it.';
COMMENT ON COLUMN v_coverage.first_published_at IS 'By when the first of them was out (UTC): a date without a time counts as the end of its day.';
COMMENT ON COLUMN v_coverage.last_published_at IS 'By when the last of them was out (UTC).';
COMMENT ON COLUMN v_coverage.languages IS 'Languages they wrote in, BCP 47, sorted.';
COMMENT ON COLUMN v_coverage.sources IS 'source_ids, sorted.';
