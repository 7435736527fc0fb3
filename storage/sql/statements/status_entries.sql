-- Entries by state and reason: what was stored, what waits, what was dropped and why.
SELECT state, reason, count(*) AS entries FROM entries GROUP BY ALL ORDER BY state, entries DESC, reason
