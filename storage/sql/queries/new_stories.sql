-- Which stories are new since yesterday?
-- New: the first article came out in the 24 hours before the newest article held (v_snapshot.data_through).
SELECT
    s.story_id,
    s.title,
    s.beats,
    s.countries,
    s.languages,
    s.source_count,
    s.article_count,
    s.voice_count_max,
    s.first_published_at
FROM v_stories s
JOIN v_snapshot n ON s.first_published_at >= n.data_through - INTERVAL 1 DAY
ORDER BY len(s.beats) > 0 DESC, s.source_count DESC, s.first_published_at, s.story_id
