-- Countries none of whose outlets can be heard, where at least two were polled.
SELECT country, count(*) AS sources, max(last_ok_at) AS last_ok_at
FROM v_source_health
WHERE state NOT IN ('no_feed', 'never_polled')
GROUP BY country
HAVING count(*) >= 2 AND bool_and(state = 'down')
ORDER BY country
