-- What this snapshot is: one row. The stored questions count time from data_through, never from the clock of whoever asks,
-- so that they answer over an old file as they did when it was new.
CREATE OR REPLACE VIEW v_snapshot AS
WITH news AS (
    SELECT
        -- An article without any date has the time it was seen, which is no news of the world
        coalesce(max(published_at) FILTER (WHERE published_at_origin <> 'seen'), max(published_at)) AS newest,
        count(*) AS article_count
    FROM articles
),
work AS (
    SELECT max(started_at) AS last_run_at
    FROM runs
    WHERE status = 'ok' AND command NOT LIKE 'enrich %'
),
polls AS (
    SELECT max(fetched_at) AS last_poll_at
    FROM fetch_events
    WHERE kind = 'feed' AND reason IN ('ok', 'not_modified', 'partial')
)
SELECT
    least(n.newest, coalesce(p.last_poll_at, n.newest)) AS data_through,
    p.last_poll_at,
    w.last_run_at,
    s.published_at,
    n.article_count,
    (SELECT count(DISTINCT story_id) FROM story_articles) AS story_count,
    s.search_version
FROM news n
CROSS JOIN polls p
CROSS JOIN work w
LEFT JOIN snapshot s ON true;

COMMENT ON VIEW v_snapshot IS 'What this snapshot is, in one row: through when its news goes, when it was made.';
COMMENT ON COLUMN v_snapshot.data_through IS 'Time of the newest article held, and never after the last poll (UTC): what search, page and digest call data through; from here the stored questions count back. NULL: no articles.';
COMMENT ON COLUMN v_snapshot.last_poll_at IS 'When a feed last answered well (UTC). NULL: none ever did.';
COMMENT ON COLUMN v_snapshot.last_run_at IS 'When the last run that came through began (UTC). NULL: none has.';
COMMENT ON COLUMN v_snapshot.published_at IS 'When this file was built (UTC). NULL: not published yet.';
COMMENT ON COLUMN v_snapshot.article_count IS 'Articles held.';
COMMENT ON COLUMN v_snapshot.story_count IS 'Stories with a member now.';
COMMENT ON COLUMN v_snapshot.search_version IS 'Folder below search/ with the full-text index of exactly these articles.';
