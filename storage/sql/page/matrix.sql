-- Which outlets told the most told stories of a day, and in words of their own?
WITH fresh AS (
    SELECT DISTINCT m.story_id
    FROM articles a
    JOIN story_articles m ON m.article_id = a.article_id
    WHERE a.published_at >= timezone('America/Caracas', $day::DATE::TIMESTAMP)
        AND a.published_at < timezone('America/Caracas', $day::DATE + INTERVAL 1 DAY)
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
    any_value(o.name) AS source_name,
    any_value(a.country) AS country,
    count(*) AS article_count,
    CASE
        WHEN bool_or(a.kind = 'full' AND k.article_id IS NULL) THEN 'own'
        WHEN bool_or(k.article_id IS NOT NULL) THEN 'copy'
        ELSE 'feed_only'
    END AS cell,
    min_by(a.article_id, a.published_at) AS article_id
FROM chosen c
JOIN story_articles m ON m.story_id = c.story_id
JOIN articles a ON a.article_id = m.article_id
LEFT JOIN sources o ON o.source_id = a.source_id
LEFT JOIN copies k ON k.article_id = a.article_id AND k.original_article_id IS DISTINCT FROM a.article_id
GROUP BY c.story_id, a.source_id
ORDER BY c.story_id, a.source_id
