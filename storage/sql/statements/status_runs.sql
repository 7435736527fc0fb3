-- The last ten runs.
SELECT run_id, command, started_at, finished_at, status, software_version
FROM runs ORDER BY started_at DESC LIMIT 10
