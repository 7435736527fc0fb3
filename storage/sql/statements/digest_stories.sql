-- Stories of the beat with news since the digest of the day before was due (minutes after midnight in Caracas), those
-- told by most independent voices in that time first: a voice is a text, its copies folded. All that is counted was out
-- when this digest was due: what came out later is the next one's.
WITH dated AS (
    SELECT *, (timezone('America/Caracas', published_by) - to_minutes($minutes::BIGINT))::DATE + 1 AS told_on
    FROM v_articles
    WHERE story_id IS NOT NULL
),
fresh AS (
    SELECT
        story_id,
        count(DISTINCT text_group_id) FILTER (WHERE told_on = $morning::DATE) AS new_voices,
        count(*) FILTER (WHERE told_on = $morning::DATE) AS new_articles,
        greatest(1, count(DISTINCT text_group_id) FILTER (WHERE kind = 'full')) AS voice_count_min,
        count(DISTINCT text_group_id) AS voice_count_max,
        count(*) AS article_count,
        count(DISTINCT source_id) AS source_count,
        list_sort(list(DISTINCT country)) AS countries,
        min(told_on) = $morning::DATE AS is_new,
        max(published_by) AS until
    FROM dated
    WHERE told_on <= $morning::DATE
    GROUP BY story_id
    HAVING max(told_on) = $morning::DATE AND bool_or(list_contains(beats, $beat))
)
SELECT
    s.story_id,
    s.title,
    s.title_en,
    s.title_en_origin,
    s.title_es,
    s.topic_names_en[1:3] AS topics,
    f.new_voices,
    f.new_articles,
    f.voice_count_min,
    f.voice_count_max,
    f.article_count,
    f.source_count,
    f.countries,
    f.is_new,
    t.source_name AS first_source,
    t.country AS first_country,
    t.published_at AS first_at,
    coalesce(t.first_is_sure, false) AS first_is_sure
FROM fresh f
JOIN v_stories s ON s.story_id = f.story_id
LEFT JOIN v_timeline t ON t.story_id = s.story_id AND t.is_first AND t.published_by <= f.until
QUALIFY row_number() OVER (PARTITION BY s.story_id ORDER BY t.source_name) = 1
ORDER BY f.new_voices DESC, f.voice_count_min DESC, f.article_count DESC, s.story_id
LIMIT $size::BIGINT
