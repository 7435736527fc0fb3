-- Which topics did the day have?
SELECT f.topic_id, any_value(t.name_en) AS name_en, any_value(t.name_es) AS name_es, sum(f.article_count)::BIGINT AS article_count
FROM topic_facts f
LEFT JOIN topics t ON t.topic_id = f.topic_id
WHERE f.day_caracas = $day::DATE
GROUP BY f.topic_id
ORDER BY article_count DESC, f.topic_id
LIMIT 40
