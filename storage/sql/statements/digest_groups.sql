-- Voices, articles and outlets of each story by group of outlets, until the digest is due.
SELECT
    story_id,
    outlet_group,
    greatest(1, count(DISTINCT text_group_id) FILTER (WHERE kind = 'full')) AS voice_count_min,
    count(DISTINCT text_group_id) AS voice_count_max,
    count(*) AS article_count,
    count(DISTINCT source_id) AS source_count
FROM v_articles
WHERE story_id IN (SELECT unnest($stories::JSON::VARCHAR[]))
    AND (timezone('America/Caracas', published_by) - to_minutes($minutes::BIGINT))::DATE + 1 <= $morning::DATE
GROUP BY story_id, outlet_group
ORDER BY story_id, outlet_group
