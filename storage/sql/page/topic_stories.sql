-- Which stories are on a topic, newest first?
WITH chosen AS (
    -- by rowid: the other columns of other stories are then not read
    SELECT s.rowid AS place, count(*) OVER () AS total
    FROM story_topics t
    JOIN story_facts s ON s.story_id = t.story_id
    WHERE t.topic_id = $topic
    ORDER BY s.last_published_at DESC, s.story_id
    LIMIT $limit OFFSET $offset
)
SELECT
    s.story_id,
    s.title,
    s.title_en,
    s.title_en_origin,
    s.title_es,
    s.title_es_origin,
    s.countries,
    s.country_article_counts,
    s.languages,
    s.beats,
    s.topics[:4] AS topics,
    s.topic_names_en[:4] AS topic_names_en,
    s.topic_names_es[:4] AS topic_names_es,
    s.source_count,
    s.article_count,
    s.voice_count_min,
    s.voice_count_max,
    s.first_published_at,
    s.last_published_at,
    s.first_source_ids,
    s.first_source_names,
    s.first_at,
    s.first_is_sure,
    s.first_agency,
    0 AS new_article_count,
    false AS is_new,
    c.total
FROM chosen c
JOIN story_facts s ON s.rowid = c.place
ORDER BY s.last_published_at DESC, s.story_id
