-- How does each of its feeds fare?
SELECT feed_url, scope, last_polled_at, last_ok_at, next_due_at, failures, last_reason, proposed_url
FROM feeds
WHERE source_id = $source
ORDER BY position, feed_url
