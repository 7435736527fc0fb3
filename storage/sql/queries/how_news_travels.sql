-- How long does a story take from the first country to the others?
-- Exact times only: not bare dates, not what a first poll brought; stories where nobody can be called first are left out.
SELECT
    t.story_id,
    s.title,
    any_value(f.country) AS first_country,
    t.country,
    min(t.minutes_after_first) AS minutes_after_first,
    arg_min(t.source_id, (t.minutes_after_first, t.source_id)) AS by_outlet
FROM v_timeline t
JOIN v_stories s ON s.story_id = t.story_id
JOIN (
    SELECT story_id, min(country) AS country FROM v_timeline WHERE is_first GROUP BY story_id
) f ON f.story_id = t.story_id
WHERE t.minutes_after_first IS NOT NULL
GROUP BY t.story_id, s.title, t.country
HAVING t.country <> any_value(f.country)
ORDER BY t.story_id, minutes_after_first, t.country
