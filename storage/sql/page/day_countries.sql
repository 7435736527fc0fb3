-- How much did outlets of each country publish on a day?
SELECT country, article_count, voice_count, story_count, source_count
FROM day_facts
WHERE day_caracas = $day::DATE
ORDER BY article_count DESC, country
