-- The beginnings of originals. By rowid: then only the texts asked for are decoded, not those of all articles.
SELECT article_id, left(text, 20000)
FROM articles
WHERE rowid IN (SELECT rowid FROM articles WHERE article_id IN ({ids}))
