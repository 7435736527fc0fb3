-- How long after publication did we first see each outlet's articles?
-- Only what can be measured: exact times of the outlet's own, nothing that a first poll brought. Negative minutes mean
-- that the outlet's clock or zone is wrong. (The demonstration's days are past: there the minutes mean nothing.)
SELECT
    v.source_id,
    v.source_name,
    v.country,
    count(*) AS articles,
    round(median(date_diff('second', v.published_at, v.first_seen_at)) / 60, 1) AS median_minutes,
    round(quantile_cont(date_diff('second', v.published_at, v.first_seen_at), 0.9) / 60, 1) AS p90_minutes,
    round(min(date_diff('second', v.published_at, v.first_seen_at)) / 60, 1) AS least_minutes
FROM v_articles v
WHERE NOT v.backfill AND v.published_precision <> 'day' AND v.published_at_origin <> 'seen'
GROUP BY v.source_id, v.source_name, v.country
ORDER BY median_minutes, v.source_id
