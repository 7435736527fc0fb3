-- How long after publication did we first see each outlet's articles?
-- Only what can be measured: exact times of the outlet's own, nothing that a first poll brought (articles), and of these
-- what came out since the outlet was first polled (measured): what was there before was late for no fault of anybody's.
-- Minutes are empty where nothing is measured, as in the demonstration, whose days are past. Negative minutes mean that
-- the outlet's clock or zone is wrong.
WITH known AS (
    SELECT
        v.source_id,
        v.source_name,
        v.country,
        date_diff('second', v.published_at, v.first_seen_at) / 60 AS minutes,
        v.published_at >= p.first_polled_at AS measured
    FROM v_articles v
    LEFT JOIN (SELECT source_id, min(first_polled_at) AS first_polled_at FROM feeds GROUP BY source_id) p
        ON p.source_id = v.source_id
    WHERE NOT v.backfill AND v.published_precision <> 'day' AND v.published_at_origin <> 'seen'
)
SELECT
    source_id,
    source_name,
    country,
    count(*) AS articles,
    count(*) FILTER (WHERE measured) AS measured,
    round(median(minutes) FILTER (WHERE measured), 1) AS median_minutes,
    round(quantile_cont(minutes, 0.9) FILTER (WHERE measured), 1) AS p90_minutes,
    round(min(minutes) FILTER (WHERE measured), 1) AS least_minutes
FROM known
GROUP BY source_id, source_name, country
ORDER BY median_minutes, source_id
