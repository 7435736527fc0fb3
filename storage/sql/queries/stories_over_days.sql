-- Which stories went on over several days, and how?
-- Days in Caracas by publication; a date without a time counts for its day.
SELECT
    s.story_id,
    s.title,
    count(*) AS days,
    min(d.day_caracas) AS first_day,
    max(d.day_caracas) AS last_day,
    list(d.articles ORDER BY d.day_caracas) AS articles_by_day,
    list(d.countries ORDER BY d.day_caracas) AS countries_by_day
FROM (
    SELECT story_id, day_caracas, count(*) AS articles, string_agg(DISTINCT country, ' ' ORDER BY country) AS countries
    FROM v_articles
    WHERE story_id IS NOT NULL
    GROUP BY story_id, day_caracas
) d
JOIN v_stories s ON s.story_id = d.story_id
GROUP BY s.story_id, s.title
HAVING count(*) > 1
ORDER BY days DESC, s.story_id
