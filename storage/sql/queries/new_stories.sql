-- Which stories are new since yesterday?
SELECT
    s.story_id,
    s.title,
    s.countries,
    s.languages,
    s.source_count,
    s.article_count,
    s.first_published_at
FROM v_stories s
WHERE s.first_published_at >= now() - INTERVAL 1 DAY
ORDER BY len(s.beats) > 0 DESC, s.source_count DESC, s.first_published_at, s.story_id
