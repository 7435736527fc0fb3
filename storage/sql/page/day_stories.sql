-- Which stories had something new on a day (Caracas), and how widely is each told?
WITH fresh AS (
    SELECT story_id, count(*) AS new_article_count
    FROM timeline_facts
    WHERE published_at >= timezone('America/Caracas', $day::DATE::TIMESTAMP)
        AND published_at < timezone('America/Caracas', $day::DATE + INTERVAL 1 DAY)
    GROUP BY story_id
),
chosen AS (
    -- by rowid: the other columns of other stories are then not read
    SELECT s.rowid AS place, f.new_article_count, count(*) OVER () AS total
    FROM fresh f
    JOIN story_facts s ON s.story_id = f.story_id
    WHERE true
        AND list_contains(s.countries, $country) -- if country
        AND list_contains(s.languages, $language) -- if language
        AND list_contains(s.beats, $beat) -- if beat
        AND list_contains(s.topics, $topic) -- if topic
    ORDER BY s.voice_count_min DESC, s.source_count DESC, s.article_count DESC, s.story_id
    LIMIT $limit OFFSET $offset
)
SELECT
    s.*,
    c.new_article_count,
    timezone('America/Caracas', s.first_published_at)::DATE = $day::DATE AS is_new,
    c.total
FROM chosen c
JOIN story_facts s ON s.rowid = c.place
ORDER BY s.voice_count_min DESC, s.source_count DESC, s.article_count DESC, s.story_id
