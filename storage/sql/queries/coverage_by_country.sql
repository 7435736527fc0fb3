-- How did the outlets of each country cover each story?
SELECT
    s.story_id,
    s.title,
    c.country,
    c.article_count,
    c.voice_count_min,
    c.voice_count_max,
    c.source_count,
    c.first_published_at
FROM v_stories s
JOIN v_coverage c ON c.story_id = s.story_id
ORDER BY s.article_count DESC, s.story_id, c.first_published_at, c.country
