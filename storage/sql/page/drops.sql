-- Which items were dropped, last ones first?
SELECT stage, key, source_id, source_name, country, outcome, reason, detail, title, url, dropped_at, times, count(*) OVER () AS total
FROM v_drops
WHERE true
    AND reason = $reason -- if reason
    AND source_id = $source -- if source
    AND stage = $stage -- if stage
ORDER BY dropped_at DESC, stage, key
LIMIT $limit OFFSET $offset
