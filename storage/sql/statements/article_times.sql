-- When each article was published.
SELECT article_id, published_at FROM articles
