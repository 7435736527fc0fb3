-- What of it was dropped, and why?
SELECT stage, outcome, reason, count(*) AS items, max(dropped_at) AS last_at
FROM v_drops
WHERE source_id = $source
GROUP BY stage, outcome, reason
ORDER BY items DESC, stage, reason
