-- Stories of the beat with news since the digest of the day before was due (minutes after midnight in Caracas), those
-- told by most independent voices in that time first: a voice is a text, its copies folded.
WITH fresh AS (
    SELECT story_id, count(DISTINCT text_group_id) AS new_voices, count(*) AS new_articles
    FROM v_articles
    WHERE story_id IS NOT NULL
        AND (timezone('America/Caracas', published_by) - to_minutes($minutes::BIGINT))::DATE + 1 = $morning::DATE
    GROUP BY story_id
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
    s.voice_count_min,
    s.voice_count_max,
    s.article_count,
    s.source_count,
    s.countries,
    (timezone('America/Caracas', s.first_published_at) - to_minutes($minutes::BIGINT))::DATE + 1 = $morning::DATE AS is_new,
    t.source_name AS first_source,
    t.country AS first_country,
    t.published_at AS first_at,
    coalesce(t.first_is_sure, false) AS first_is_sure
FROM fresh f
JOIN v_stories s ON s.story_id = f.story_id
LEFT JOIN v_timeline t ON t.story_id = s.story_id AND t.is_first
WHERE list_contains(s.beats, $beat)
QUALIFY row_number() OVER (PARTITION BY s.story_id ORDER BY t.source_name) = 1
ORDER BY f.new_voices DESC, s.voice_count_min DESC, s.article_count DESC, s.story_id
LIMIT $size::BIGINT
