-- What was dropped, and why?
SELECT stage, outcome, reason, count(*) AS items, count(DISTINCT source_id) AS source_count, max(dropped_at) AS last_at
FROM v_drops
GROUP BY stage, outcome, reason
ORDER BY items DESC, stage, reason
