-- What is known of one story?
SELECT
    s.*,
    e.first_is_day,
    e.last_is_day
FROM story_facts s
CROSS JOIN (
    -- whether its first and its last text have only a date: story_facts has the end of that day
    SELECT
        bool_and(t.published_precision = 'day') FILTER (WHERE t.published_by = f.first_published_at) AS first_is_day,
        bool_and(t.published_precision = 'day') FILTER (WHERE t.published_by = f.last_published_at) AS last_is_day
    FROM timeline_facts t
    JOIN story_facts f ON f.story_id = t.story_id
    WHERE t.story_id = $story AND f.story_id = $story
) e
WHERE s.story_id = $story
