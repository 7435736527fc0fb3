-- Translations by language and status.
SELECT a.lang, coalesce(t.status, 'pending') AS status, t.engine, count(*) AS articles
FROM articles a LEFT JOIN translations t USING (article_id)
GROUP BY ALL ORDER BY a.lang, status, t.engine
