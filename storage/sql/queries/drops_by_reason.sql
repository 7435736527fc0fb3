-- What was dropped, and why?
SELECT stage, reason, count(*) AS items, count(DISTINCT source_id) AS sources, max(dropped_at) AS last_at, any_value(detail) AS example
FROM v_drops
GROUP BY stage, reason
ORDER BY items DESC, stage, reason
