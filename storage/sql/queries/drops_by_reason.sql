-- What was dropped, and why?
-- Every reason is explained in docs/reasons.md; example is the detail of one of them.
SELECT
    stage,
    reason,
    count(*) AS items,
    count(DISTINCT source_id) AS sources,
    max(dropped_at) AS last_at,
    min(detail) AS example
FROM v_drops
GROUP BY stage, reason
ORDER BY items DESC, stage, reason
