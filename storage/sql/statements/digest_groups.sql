-- Voices, articles and outlets of each story by group of outlets. Venezuelan outlets count as government-aligned when
-- they are owned by the state or declared so; every other Venezuelan outlet counts as independent.
WITH grouped AS (
    SELECT
        *,
        CASE
            WHEN country = 'VE' AND (ownership = 'state' OR alignment = 'government') THEN 've_government'
            WHEN country = 'VE' THEN 've_independent'
            WHEN country = 'ES' THEN 'es'
            WHEN country = 'US' THEN 'us'
            ELSE 'other'
        END AS outlet_group
    FROM v_articles
    WHERE story_id IN (SELECT unnest($stories::JSON::VARCHAR[]))
)
SELECT
    story_id,
    outlet_group,
    greatest(1, count(DISTINCT text_group_id) FILTER (WHERE kind = 'full')) AS voice_count_min,
    count(DISTINCT text_group_id) AS voice_count_max,
    count(*) AS article_count,
    count(DISTINCT source_id) AS source_count
FROM grouped
GROUP BY story_id, outlet_group
ORDER BY story_id, outlet_group
