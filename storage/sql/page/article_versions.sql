-- Which wordings did it have?
SELECT version, title, seen_at, modified_at, text
FROM article_versions
WHERE article_id = $article
ORDER BY version
LIMIT 20
