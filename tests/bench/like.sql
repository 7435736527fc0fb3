-- The same question without an index: what a search would cost if there were none.
SELECT article_id, title, published_at, count(*) OVER () AS total
FROM v_articles
WHERE title ILIKE $word OR text ILIKE $word OR title_en ILIKE $word OR text_en ILIKE $word
ORDER BY published_at DESC
LIMIT 20
