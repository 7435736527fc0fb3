SELECT t.article_id, t.topic_id, p.name_en, p.name_es, t.score, t.evidence, t.method_version
FROM article_topics t
JOIN v_articles v ON v.article_id = t.article_id
LEFT JOIN topics p ON p.topic_id = t.topic_id
WHERE ($since::DATE IS NULL OR v.day_caracas >= $since::DATE) AND ($until::DATE IS NULL OR v.day_caracas <= $until::DATE)
ORDER BY t.article_id, t.topic_id
