-- The beginnings of originals.
SELECT article_id, left(text, 20000) FROM articles WHERE article_id IN ({ids})
