-- When the last run that was through began, and when the first run of all began.
SELECT max(started_at) FILTER (WHERE status = 'ok') AS last_ok, min(started_at) AS first_run
FROM runs
WHERE command NOT LIKE 'enrich %'
