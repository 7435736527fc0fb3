-- The articles of each story in the order they came out. Only an exact time that was not a first poll's can be first,
-- and nobody is first where a first poll brought something earlier: what came before it was never seen.
CREATE OR REPLACE VIEW v_timeline AS
WITH dated AS (
    SELECT
        *,
        published_precision <> 'day' AND published_at_origin <> 'seen' AND NOT backfill AS exact
    FROM v_articles
    WHERE story_id IS NOT NULL
),
compared AS (
    SELECT
        *,
        min(published_at) FILTER (WHERE exact) OVER story AS first_exact,
        min(published_at) FILTER (WHERE NOT exact) OVER story AS first_loose,
        coalesce(
            min(published_at) FILTER (WHERE exact) OVER story < min(published_at) FILTER (WHERE backfill) OVER story, true
        ) AS known
    FROM dated
    WINDOW story AS (PARTITION BY story_id)
)
SELECT
    d.story_id,
    row_number() OVER (PARTITION BY d.story_id ORDER BY d.published_by, NOT d.exact, d.article_id) AS position,
    d.article_id,
    d.source_id,
    d.source_name,
    d.country,
    d.lang,
    d.title,
    d.title_en,
    d.published_at,
    d.published_precision,
    d.published_by,
    d.exact,
    d.exact AND d.known AND d.published_at = d.first_exact AS is_first,
    d.exact AND d.known AND d.published_at = d.first_exact AND coalesce(d.first_exact < d.first_loose, true) AS first_is_sure,
    CASE WHEN d.exact AND d.known THEN date_diff('minute', d.first_exact, d.published_at) END AS minutes_after_first,
    d.agency,
    d.version,
    d.modified_at,
    d.kind,
    d.genre,
    d.text_group_id,
    d.copy_kind,
    d.alignment,
    d.alignment_status,
    d.url
FROM compared d;

COMMENT ON VIEW v_timeline IS 'The articles of each story in the order they came out. One row per article in a story.';
COMMENT ON COLUMN v_timeline.position IS 'Place in the story''s order of published_by, from 1.';
COMMENT ON COLUMN v_timeline.exact IS 'True when the time can be compared: not a bare date, not the time we saw it, not from a feed''s first poll.';
COMMENT ON COLUMN v_timeline.is_first IS 'True for the earliest exact time of the story (several when they share it); never where a feed''s first poll brought an earlier article.';
COMMENT ON COLUMN v_timeline.first_is_sure IS 'False where is_first is true and yet an article without an exact time (a bare date, from the beginning of its day) may have been earlier.';
COMMENT ON COLUMN v_timeline.minutes_after_first IS 'Minutes after the first article. NULL: nobody is first, or this article''s time is not exact.';
