-- Voices, articles and outlets of each story by group of outlets.
SELECT
    story_id,
    outlet_group,
    greatest(1, count(DISTINCT text_group_id) FILTER (WHERE kind = 'full')) AS voice_count_min,
    count(DISTINCT text_group_id) AS voice_count_max,
    count(*) AS article_count,
    count(DISTINCT source_id) AS source_count
FROM v_articles
WHERE story_id IN (SELECT unnest($stories::JSON::VARCHAR[]))
GROUP BY story_id, outlet_group
ORDER BY story_id, outlet_group
