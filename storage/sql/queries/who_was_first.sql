-- Who published each story first, and how long did the next outlet take?
-- Only stories of several outlets in which somebody can be called first: not where a feed's first poll brought something
-- earlier. sure is false where an outlet that gives dates without a time may have been earlier.
-- agency names the agency whose text the first article is: then the scoop is the agency's.
SELECT
    t.story_id,
    s.title,
    string_agg(DISTINCT t.source_name, ', ' ORDER BY t.source_name) FILTER (WHERE t.is_first) AS first_outlet,
    min(t.agency) FILTER (WHERE t.is_first) AS agency,
    min(t.published_at) FILTER (WHERE t.is_first) AS first_at,
    bool_and(t.first_is_sure) FILTER (WHERE t.is_first) AS sure,
    min(t.minutes_after_first) FILTER (WHERE NOT t.is_first AND t.text_group_id <> f.text_group_id) AS minutes_to_next_voice,
    count(DISTINCT t.source_id) AS outlets
FROM v_timeline t
JOIN v_stories s ON s.story_id = t.story_id
JOIN (
    SELECT story_id, min(text_group_id) AS text_group_id FROM v_timeline WHERE is_first GROUP BY story_id
) f ON f.story_id = t.story_id
GROUP BY t.story_id, s.title
HAVING count(DISTINCT t.source_id) > 1
ORDER BY first_at DESC, t.story_id
