-- How well each outlet was watched, day by day, from its first poll to the last day anything was polled.
CREATE OR REPLACE VIEW v_source_days AS
WITH polls AS (
    SELECT
        source_id,
        url,
        timezone('America/Caracas', fetched_at)::DATE AS day_caracas,
        reason IN ('ok', 'not_modified', 'partial') AS good,
        possible_gap
    FROM fetch_events
    WHERE kind = 'feed' AND reason <> 'host_deferred'
),
feeds_of_day AS (
    SELECT source_id, day_caracas, url, count(*) AS due, count(*) FILTER (WHERE good) AS ok, bool_or(possible_gap) AS gap
    FROM polls
    GROUP BY source_id, day_caracas, url
),
sources_of_day AS (
    SELECT source_id, day_caracas, sum(due) AS due, sum(ok) AS ok, bool_or(gap) AS gap, bool_or(ok = 0) AS silent_feed
    FROM feeds_of_day
    GROUP BY source_id, day_caracas
),
calendar AS (
    SELECT source_id, unnest(generate_series(min(day_caracas), (SELECT max(day_caracas) FROM polls), INTERVAL 1 DAY))::DATE AS day_caracas
    FROM polls
    GROUP BY source_id
),
published AS (
    SELECT source_id, timezone('America/Caracas', published_at)::DATE AS day_caracas, count(*) AS article_count
    FROM articles
    GROUP BY ALL
)
SELECT
    k.source_id,
    k.day_caracas,
    s.country,
    s.alignment,
    s.alignment_status,
    s.outlet_group,
    s.panel,
    coalesce(d.due, 0)::BIGINT AS polls_due,
    coalesce(d.ok, 0)::BIGINT AS polls_ok,
    coalesce(d.gap, false) AS possible_gap,
    CASE
        WHEN coalesce(d.ok, 0) = 0 THEN 'down'
        WHEN d.gap OR d.silent_feed THEN 'gap'
        ELSE 'complete'
    END AS state,
    coalesce(p.article_count, 0) AS article_count
FROM calendar k
LEFT JOIN v_outlets s ON s.source_id = k.source_id
LEFT JOIN sources_of_day d ON d.source_id = k.source_id AND d.day_caracas = k.day_caracas
LEFT JOIN published p ON p.source_id = k.source_id AND p.day_caracas = k.day_caracas;

COMMENT ON VIEW v_source_days IS 'How well each outlet was watched each day (Caracas): what its silence is worth. One row per outlet and day since its first poll.';
COMMENT ON COLUMN v_source_days.day_caracas IS 'Calendar day in Caracas.';
COMMENT ON COLUMN v_source_days.alignment_status IS 'unverified (alignment is only a claim) or evidenced. NULL: no alignment recorded.';
COMMENT ON COLUMN v_source_days.outlet_group IS 'The group it is set side by side in, as in v_articles.';
COMMENT ON COLUMN v_source_days.polls_due IS 'Polls of its feeds that were made or tried that day.';
COMMENT ON COLUMN v_source_days.polls_ok IS 'Those that were answered well, 304 included.';
COMMENT ON COLUMN v_source_days.possible_gap IS 'True when a poll shared no entry with the one before it.';
COMMENT ON COLUMN v_source_days.state IS 'complete, gap (entries may be missing, or one of its feeds never answered) or down (no feed answered, or nothing was polled).';
COMMENT ON COLUMN v_source_days.article_count IS 'Its articles with this publication day.';
