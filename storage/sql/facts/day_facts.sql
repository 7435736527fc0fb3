-- How much outlets of each country published each day.
SELECT
    day_caracas,
    country,
    count(*) AS article_count,
    count(DISTINCT text_group_id) AS voice_count,
    count(DISTINCT story_id) AS story_count,
    count(DISTINCT source_id) AS source_count
FROM v_articles
GROUP BY day_caracas, country
ORDER BY day_caracas, country
