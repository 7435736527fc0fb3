-- Outlets with a feed by country: how many are heard, fail in part, are down or were never polled.
SELECT
    country,
    count(*) FILTER (WHERE state = 'ok') AS ok,
    count(*) FILTER (WHERE state = 'failing') AS failing,
    count(*) FILTER (WHERE state = 'down') AS down,
    count(*) FILTER (WHERE state = 'never_polled') AS never_polled,
    max(last_ok_at) AS last_ok_at
FROM v_source_health
WHERE state <> 'no_feed'
GROUP BY country
ORDER BY country
