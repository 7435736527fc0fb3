-- How many articles of each country are on a topic, day by day?
SELECT day_caracas, country, story_count, article_count
FROM topic_facts
WHERE topic_id = $topic AND day_caracas BETWEEN $first_day::DATE AND $last_day::DATE
ORDER BY day_caracas, country
