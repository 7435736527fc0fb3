-- Pairs of articles of a period that share two terms or two names that few ($rare) have; one of each pair is in $fresh.
WITH held AS (
    SELECT f.article_id, f.terms, f.names
    FROM article_features f
    SEMI JOIN (SELECT article_id FROM articles WHERE published_at >= $start AND published_at < $end) a
        ON a.article_id = f.article_id
),
words AS (
    SELECT article_id, 't' AS kind, unnest(terms) AS word FROM held
    UNION ALL
    SELECT article_id, 'n', unnest(names) FROM held
),
fresh AS (
    SELECT w.article_id, w.kind, w.word
    FROM words w
    SEMI JOIN (SELECT unnest($fresh::JSON::VARCHAR[]) AS article_id) g ON g.article_id = w.article_id
),
near AS (
    SELECT w.article_id, w.kind, w.word
    FROM words w
    SEMI JOIN fresh f ON f.kind = w.kind AND f.word = w.word
    QUALIFY count(*) OVER (PARTITION BY w.kind, w.word) <= $rare
)
SELECT DISTINCT f.article_id, n.article_id AS other_id
FROM fresh f
JOIN near n ON n.kind = f.kind AND n.word = f.word AND n.article_id <> f.article_id
GROUP BY f.article_id, n.article_id, f.kind
HAVING count(*) >= 2
