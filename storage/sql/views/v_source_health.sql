-- One row per outlet: is it being heard?
CREATE OR REPLACE VIEW v_source_health AS
WITH polled AS (
    SELECT
        source_id,
        count(*) AS feed_count,
        count(*) FILTER (WHERE failures > 0) AS failing_feed_count,
        max(failures) AS failures,
        max(last_polled_at) AS last_polled_at,
        max(last_ok_at) AS last_ok_at,
        min(next_due_at) AS next_due_at,
        list_sort(list(DISTINCT last_reason) FILTER (WHERE last_reason IS NOT NULL)) AS last_reasons,
        list_sort(list(DISTINCT proposed_url) FILTER (WHERE proposed_url IS NOT NULL)) AS proposed_urls
    FROM feeds
    GROUP BY source_id
),
items AS (
    SELECT source_id, count(*) AS entry_count, count(*) FILTER (WHERE state = 'pending') AS pending_count
    FROM entries
    GROUP BY source_id
),
texts AS (
    SELECT
        source_id,
        count(*) AS article_count,
        count(*) FILTER (WHERE kind = 'full') AS full_count,
        max(published_at) AS last_published_at,
        arg_max(published_precision, published_at) AS last_published_precision
    FROM articles
    GROUP BY source_id
)
SELECT
    s.source_id,
    s.name AS source_name,
    s.country,
    CASE
        WHEN p.feed_count IS NULL THEN 'no_feed'
        WHEN p.last_polled_at IS NULL THEN 'never_polled'
        WHEN p.failing_feed_count = p.feed_count THEN 'down'
        WHEN p.failing_feed_count > 0 THEN 'failing'
        ELSE 'ok'
    END AS state,
    coalesce(p.feed_count, 0) AS feed_count,
    coalesce(p.failing_feed_count, 0) AS failing_feed_count,
    coalesce(p.failures, 0) AS failures,
    coalesce(p.last_reasons, []) AS last_reasons,
    p.last_polled_at,
    p.last_ok_at,
    p.next_due_at,
    coalesce(p.proposed_urls, []) AS proposed_urls,
    coalesce(i.entry_count, 0) AS entry_count,
    coalesce(i.pending_count, 0) AS pending_count,
    coalesce(t.article_count, 0) AS article_count,
    coalesce(t.full_count, 0) AS full_count,
    t.last_published_at,
    t.last_published_precision,
    s.verified_at,
    s.fictional
FROM sources s
LEFT JOIN polled p ON p.source_id = s.source_id
LEFT JOIN items i ON i.source_id = s.source_id
LEFT JOIN texts t ON t.source_id = s.source_id;

COMMENT ON VIEW v_source_health IS 'One row per outlet: how its feeds fare and what they brought.';
COMMENT ON COLUMN v_source_health.state IS 'ok, failing (some feeds fail), down (all fail), never_polled or no_feed.';
COMMENT ON COLUMN v_source_health.feed_count IS 'Feeds of the outlet.';
COMMENT ON COLUMN v_source_health.failing_feed_count IS 'Feeds whose last poll failed.';
COMMENT ON COLUMN v_source_health.failures IS 'Most failures in a row of any of its feeds.';
COMMENT ON COLUMN v_source_health.last_reasons IS 'Reason codes of the last polls, see docs/reasons.md.';
COMMENT ON COLUMN v_source_health.proposed_urls IS 'Addresses that permanent redirects lead to, for a person to confirm.';
COMMENT ON COLUMN v_source_health.entry_count IS 'Entries its feeds listed so far.';
COMMENT ON COLUMN v_source_health.pending_count IS 'Entries that still wait for their page.';
COMMENT ON COLUMN v_source_health.article_count IS 'Articles held.';
COMMENT ON COLUMN v_source_health.full_count IS 'Articles with the page''s full text.';
COMMENT ON COLUMN v_source_health.last_published_at IS 'Publication time of its latest article (UTC).';
COMMENT ON COLUMN v_source_health.last_published_precision IS 'second, minute or day: day is a date without a time, whose last_published_at is its midnight where the outlet is.';
