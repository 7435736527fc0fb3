-- The keys by which a poll recognises what is already held, in the order of pipeline.steps.KnownEntry.
SELECT entry_id, source_id, feed_url, canonical_url, content_sha256, state, article_id
FROM entries
ORDER BY source_id, seen_at, entry_id
