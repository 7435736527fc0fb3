-- What do these articles of a story say, in the original and in English?
WITH own AS MATERIALIZED (
    -- materialised, and with no other condition: so that the index on the ids is used
    SELECT article_id, text FROM articles WHERE article_id IN ($articles)
),
english AS MATERIALIZED (
    SELECT article_id, target, status, engine, text FROM translations WHERE article_id IN ($articles)
)
SELECT
    t.article_id,
    t.source_id,
    t.source_name,
    t.country,
    t.lang,
    t.title,
    t.title_en,
    a.text,
    -- What failed its checks is not shown
    CASE WHEN t.lang = 'en' OR t.lang LIKE 'en-%' THEN a.text WHEN e.status IN ('ok', 'partial') THEN e.text END AS text_en,
    CASE WHEN t.lang = 'en' OR t.lang LIKE 'en-%' THEN 'not_needed' ELSE coalesce(e.status, 'pending') END AS translation_status,
    CASE WHEN e.status IN ('ok', 'partial') THEN e.engine END AS translation_engine,
    t.published_at,
    t.published_precision,
    t.url,
    t.genre,
    t.kind
FROM timeline_facts t
JOIN own a ON a.article_id = t.article_id
LEFT JOIN english e ON e.article_id = t.article_id AND e.target = 'en'
WHERE t.story_id = $story AND t.article_id IN ($articles)
ORDER BY t.position
