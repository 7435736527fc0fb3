-- Which topics does an article have, and what says so?
SELECT t.topic_id, coalesce(n.name_en, t.topic_id) AS name_en, coalesce(n.name_es, t.topic_id) AS name_es, t.score, t.evidence
FROM article_topics t
LEFT JOIN topics n ON n.topic_id = t.topic_id
WHERE t.article_id = $article
ORDER BY t.score DESC, t.topic_id
