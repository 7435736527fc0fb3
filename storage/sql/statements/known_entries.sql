-- The keys by which a poll of these sources ($sources: JSON list) recognises what is held, in the order of
-- pipeline.steps.KnownEntry: what was seen since $since, what their feeds still showed at the last poll, and whatever
-- else is of the same pages as these. A feed that is declared with another source now brings its entries with it.
WITH wanted AS (SELECT unnest($sources::JSON::VARCHAR[]) AS source_id),
shown AS (SELECT unnest(f.last_entry_ids) AS entry_id FROM feeds f JOIN wanted USING (source_id)),
held AS (
    SELECT e.entry_id, coalesce(f.source_id, e.source_id) AS source_id, e.feed_url, e.canonical_url, e.content_sha256,
        e.state, e.article_id, e.seen_at
    FROM entries e LEFT JOIN feeds f ON f.feed_url = e.feed_url
),
near AS (
    SELECT e.entry_id, e.canonical_url
    FROM held e JOIN wanted USING (source_id)
    WHERE e.seen_at >= $since OR e.entry_id IN (SELECT entry_id FROM shown)
)
SELECT e.entry_id, e.source_id, e.feed_url, e.canonical_url, e.content_sha256, e.state, e.article_id
FROM held e JOIN wanted USING (source_id)
WHERE e.entry_id IN (SELECT entry_id FROM near) OR e.canonical_url IN (SELECT canonical_url FROM near)
ORDER BY e.source_id, e.seen_at, e.entry_id
