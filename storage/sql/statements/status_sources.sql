-- Health of each feed: the worst first.
SELECT f.source_id, f.feed_url, f.last_reason, f.failures, f.last_ok_at, f.next_due_at
FROM feeds f ORDER BY f.failures DESC, f.source_id, f.position
