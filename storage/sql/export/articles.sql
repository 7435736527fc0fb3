SELECT v.*
FROM v_articles v
WHERE ($since::DATE IS NULL OR v.day_caracas >= $since::DATE) AND ($until::DATE IS NULL OR v.day_caracas <= $until::DATE)
ORDER BY v.published_at, v.article_id
