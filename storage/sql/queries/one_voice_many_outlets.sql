-- Which stories look bigger than they are: many articles, few texts?
SELECT
    story_id,
    title,
    article_count,
    source_count,
    voice_count_min,
    voice_count_max,
    article_count - voice_count_max AS copies,
    countries
FROM v_stories
WHERE article_count > voice_count_max
ORDER BY copies DESC, story_id
