-- The MinHash signatures of the articles published in a period, of those that have one, in the order of their ids.
WITH inside AS (
    SELECT article_id, epoch(published_at) AS seconds FROM articles WHERE published_at >= $start AND published_at < $end
)
SELECT article_id, seconds, minhash, shingle_count
FROM (
    SELECT article_id, minhash, shingle_count
    FROM article_features
    WHERE rowid IN (SELECT rowid FROM article_features WHERE article_id IN (SELECT article_id FROM inside))
)
JOIN inside USING (article_id)
WHERE len(minhash) > 0
ORDER BY article_id
