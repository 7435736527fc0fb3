-- Which outlets write most about a topic?
SELECT a.source_id, any_value(s.name) AS source_name, any_value(a.country) AS country, count(*) AS article_count
FROM article_topics t
JOIN articles a ON a.article_id = t.article_id
LEFT JOIN sources s ON s.source_id = a.source_id
WHERE t.topic_id = $topic
GROUP BY a.source_id
ORDER BY article_count DESC, a.source_id
LIMIT 12
