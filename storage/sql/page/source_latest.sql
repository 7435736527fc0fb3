-- Which articles did an outlet publish last?
SELECT article_id FROM articles WHERE source_id = $source ORDER BY published_at DESC, article_id LIMIT $limit
