-- Which outlets told the most told stories of a day, and in words of their own?
WITH fresh AS (
    SELECT DISTINCT story_id
    FROM timeline_facts
    WHERE published_at >= timezone('America/Caracas', $day::DATE::TIMESTAMP)
        AND published_at < timezone('America/Caracas', $day::DATE + INTERVAL 1 DAY)
),
chosen AS (
    SELECT s.story_id, s.voice_count_min, s.source_count, s.article_count
    FROM fresh f
    JOIN story_facts s ON s.story_id = f.story_id
    WHERE true
        AND list_contains(s.countries, $country) -- if country
        AND list_contains(s.languages, $language) -- if language
        AND list_contains(s.beats, $beat) -- if beat
        AND list_contains(s.topics, $topic) -- if topic
    ORDER BY s.voice_count_min DESC, s.source_count DESC, s.article_count DESC, s.story_id
    LIMIT 25
)
SELECT
    c.story_id,
    a.source_id,
    any_value(a.source_name) AS source_name,
    any_value(a.country) AS country,
    count(*) AS article_count,
    CASE
        WHEN bool_or(a.kind = 'full' AND a.copy_kind IS NULL) THEN 'own'
        WHEN bool_or(a.copy_kind IS NOT NULL) THEN 'copy'
        ELSE 'feed_only'
    END AS cell,
    min_by(a.article_id, a.published_at) AS article_id
FROM chosen c
JOIN timeline_facts a ON a.story_id = c.story_id
GROUP BY c.story_id, a.source_id
ORDER BY c.story_id, a.source_id
