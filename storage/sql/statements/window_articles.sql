-- The articles published in a period.
SELECT article_id FROM articles WHERE published_at >= $start AND published_at < $end ORDER BY article_id
