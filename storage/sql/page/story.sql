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
    s.lead_article_id
FROM story_facts s
WHERE s.story_id = $story
