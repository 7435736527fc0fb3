-- How many stories did outlets of each country tell, day by day?
SELECT day_caracas, country, story_count, article_count
FROM day_facts
WHERE day_caracas BETWEEN $first_day::DATE AND $last_day::DATE
ORDER BY day_caracas, country
