-- What did an outlet publish last?
WITH chosen AS (
    SELECT article_id, lang, title, published_at, published_precision, kind, genre, agency
    FROM articles
    WHERE rowid IN (
        SELECT rowid FROM articles WHERE source_id = $source ORDER BY published_at DESC, article_id LIMIT $limit
    )
),
english AS (
    SELECT article_id, status, CASE WHEN status IN ('ok', 'partial') THEN title END AS title
    FROM translations
    WHERE rowid IN (SELECT rowid FROM translations WHERE target = 'en' AND article_id IN (SELECT article_id FROM chosen))
)
SELECT
    c.article_id,
    c.lang,
    c.title,
    CASE WHEN c.lang = 'en' OR c.lang LIKE 'en-%' THEN c.title ELSE e.title END AS title_en,
    c.published_at,
    c.published_precision,
    c.kind,
    c.genre,
    c.agency,
    k.kind AS copy_kind,
    m.story_id,
    CASE WHEN c.lang = 'en' OR c.lang LIKE 'en-%' THEN 'not_needed' ELSE coalesce(e.status, 'pending') END AS translation_status
FROM chosen c
LEFT JOIN english e ON e.article_id = c.article_id
LEFT JOIN (SELECT * FROM copies WHERE article_id IN (SELECT article_id FROM chosen)) k ON k.article_id = c.article_id
LEFT JOIN (SELECT * FROM story_articles WHERE article_id IN (SELECT article_id FROM chosen)) m ON m.article_id = c.article_id
ORDER BY c.published_at DESC, c.article_id
