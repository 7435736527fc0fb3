-- Which articles of a period hold which of $words (JSON: terms are given with t: before them, names with n:).
WITH held AS (
    SELECT article_id, terms, names
    FROM article_features
    WHERE rowid IN (
        SELECT rowid FROM article_features
        WHERE article_id IN (SELECT article_id FROM articles WHERE published_at >= $start AND published_at < $end)
    )
)
SELECT w.article_id, w.word
FROM (
    SELECT article_id, 't:' || unnest(terms) AS word FROM held
    UNION ALL
    SELECT article_id, 'n:' || unnest(names) FROM held
) w
SEMI JOIN (SELECT unnest($words::JSON::VARCHAR[]) AS word) g ON g.word = w.word
