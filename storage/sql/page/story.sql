-- What is known of one story?
SELECT
    s.story_id,
    s.title,
    s.title_en,
    s.title_en_origin,
    s.title_es,
    s.title_es_origin,
    s.countries,
    s.country_article_counts,
    s.country_voice_counts,
    s.languages,
    s.beats,
    s.source_count,
    s.article_count,
    s.voice_count_min,
    s.voice_count_max,
    s.first_published_at,
    s.last_published_at,
    s.first_seen_at,
    s.last_seen_at,
    s.first_source_ids,
    s.first_source_names,
    s.first_at,
    s.first_is_sure,
    s.first_agency,
    s.lead_article_id,
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
