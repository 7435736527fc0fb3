-- How do government-aligned, independent, Spanish and US outlets headline the main stories?
-- The first headline of each side, in the outlet's own words; voices are texts with copies folded.
SELECT
    s.story_id,
    s.title,
    s.source_count,
    arg_min(v.title, (v.published_by, v.article_id)) FILTER (WHERE v.country = 'VE' AND v.alignment = 'government') AS ve_government,
    arg_min(v.title, (v.published_by, v.article_id)) FILTER (WHERE v.country = 'VE' AND v.alignment = 'independent') AS ve_independent,
    arg_min(v.title, (v.published_by, v.article_id)) FILTER (WHERE v.country = 'ES') AS es,
    arg_min(v.title, (v.published_by, v.article_id)) FILTER (WHERE v.country = 'US') AS us,
    count(DISTINCT v.text_group_id) FILTER (WHERE v.country = 'VE' AND v.alignment = 'government') AS ve_government_voices,
    count(DISTINCT v.text_group_id) FILTER (WHERE v.country = 'VE' AND v.alignment = 'independent') AS ve_independent_voices,
    count(DISTINCT v.text_group_id) FILTER (WHERE v.country = 'ES') AS es_voices,
    count(DISTINCT v.text_group_id) FILTER (WHERE v.country = 'US') AS us_voices
FROM v_articles v
JOIN v_stories s ON s.story_id = v.story_id
WHERE len(s.beats) > 0 AND s.source_count > 1
GROUP BY s.story_id, s.title, s.source_count
ORDER BY s.source_count DESC, s.story_id
