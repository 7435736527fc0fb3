-- What are these articles, in which story and copied from whom?
WITH a AS MATERIALIZED (
    -- materialised, and with no other condition: so that the index on the ids is used
    SELECT article_id, lang, title, published_at, published_precision, kind, genre, agency
    FROM articles
    WHERE article_id IN ($articles)
),
e AS MATERIALIZED (
    SELECT article_id, target, status, title FROM translations WHERE article_id IN ($articles)
)
SELECT
    a.article_id,
    a.lang,
    a.title,
    -- What failed its checks is not shown
    CASE WHEN a.lang = 'en' OR a.lang LIKE 'en-%' THEN a.title WHEN e.status IN ('ok', 'partial') THEN e.title END AS title_en,
    a.published_at,
    a.published_precision,
    a.kind,
    a.genre,
    a.agency,
    k.kind AS copy_kind,
    m.story_id,
    CASE WHEN a.lang = 'en' OR a.lang LIKE 'en-%' THEN 'not_needed' ELSE coalesce(e.status, 'pending') END AS translation_status
FROM a
LEFT JOIN e ON e.article_id = a.article_id AND e.target = 'en'
LEFT JOIN (SELECT article_id, kind FROM copies WHERE article_id IN ($articles)) k ON k.article_id = a.article_id
LEFT JOIN (SELECT article_id, story_id FROM story_articles WHERE article_id IN ($articles)) m ON m.article_id = a.article_id
ORDER BY a.published_at DESC, a.article_id
