-- In how many articles of a period each term (t), name (n) and number (d) stands; once is the rule and left out.
WITH held AS (
    SELECT terms, names, numbers
    FROM article_features
    WHERE rowid IN (
        SELECT rowid FROM article_features
        WHERE article_id IN (SELECT article_id FROM articles WHERE published_at >= $start AND published_at < $end)
    )
)
SELECT kind, word, count(*) AS articles
FROM (
    SELECT 't' AS kind, unnest(terms) AS word FROM held
    UNION ALL
    SELECT 'n', unnest(names) FROM held
    UNION ALL
    SELECT 'd', unnest(numbers) FROM held
)
GROUP BY kind, word
HAVING count(*) > 1
