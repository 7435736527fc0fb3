-- Of the stories with an article in these days; what is counted is counted over the whole story.
SELECT s.*
FROM v_coverage s
WHERE s.story_id IN (
    SELECT v.story_id
    FROM v_articles v
    WHERE ($since::DATE IS NULL OR v.day_caracas >= $since::DATE) AND ($until::DATE IS NULL OR v.day_caracas <= $until::DATE)
)
ORDER BY s.story_id, s.country
