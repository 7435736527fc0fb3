-- v_stories with who was first and how much each country published, ordered by time so that a day is read alone.
SELECT
    s.*,
    c.country_article_counts,
    c.country_voice_counts,
    coalesce(f.first_source_ids, []) AS first_source_ids,
    coalesce(f.first_source_names, []) AS first_source_names,
    f.first_at,
    f.first_is_sure,
    f.first_agency
FROM v_stories s
LEFT JOIN (
    SELECT
        story_id,
        list(article_count ORDER BY country) AS country_article_counts,
        list(voice_count_max ORDER BY country) AS country_voice_counts
    FROM v_coverage
    GROUP BY story_id
) c ON c.story_id = s.story_id
LEFT JOIN (
    SELECT
        story_id,
        list(source_id ORDER BY source_name, article_id) AS first_source_ids,
        list(source_name ORDER BY source_name, article_id) AS first_source_names,
        min(published_at) AS first_at,
        bool_and(first_is_sure) AS first_is_sure,
        min(agency) AS first_agency
    FROM v_timeline
    WHERE is_first
    GROUP BY story_id
) f ON f.story_id = s.story_id
ORDER BY s.last_published_at, s.story_id
