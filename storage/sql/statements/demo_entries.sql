-- Each entry's outcome.
SELECT feed_url, title, state, reason FROM entries ORDER BY ALL
