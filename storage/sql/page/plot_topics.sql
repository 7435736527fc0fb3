-- What share of each country's articles is on which of the widest topics?
SELECT f.country, f.topic_id, any_value(t.name_en) AS name_en, any_value(t.name_es) AS name_es, sum(f.article_count)::BIGINT AS article_count
FROM topic_facts f
JOIN topics t ON t.topic_id = f.topic_id AND t.level = 1
WHERE f.day_caracas BETWEEN $first_day::DATE AND $last_day::DATE
GROUP BY f.country, f.topic_id
ORDER BY f.country, article_count DESC, f.topic_id
