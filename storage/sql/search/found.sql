-- The articles of a page of hits, without their texts: columns of v_articles. Each table is asked for these ids alone
-- (materialised: so that the index on them is used), where the view would join all of its tables and then choose.
WITH a AS MATERIALIZED (
    SELECT
        article_id, source_id, country, lang, title, published_at, published_precision, kind, genre, agency, url
    FROM articles
    WHERE article_id IN ({ids})
),
t AS MATERIALIZED (
    SELECT article_id, target, status, title FROM translations WHERE article_id IN ({ids})
),
c AS MATERIALIZED (
    SELECT article_id, text_group_id, kind FROM copies WHERE article_id IN ({ids})
),
m AS MATERIALIZED (
    SELECT article_id, story_id FROM story_articles WHERE article_id IN ({ids})
)
SELECT
    a.article_id,
    m.story_id,
    a.source_id,
    s.name AS source_name,
    a.country,
    a.lang,
    a.title,
    CASE WHEN a.lang = 'en' OR a.lang LIKE 'en-%' THEN a.title WHEN t.status IN ('ok', 'partial') THEN t.title END AS title_en,
    CASE WHEN a.lang = 'en' OR a.lang LIKE 'en-%' THEN 'not_needed' ELSE coalesce(t.status, 'pending') END AS translation_status,
    a.published_at,
    a.published_precision,
    a.kind,
    a.genre,
    a.agency,
    s.alignment,
    coalesce(c.text_group_id, 't' || left(sha256(a.article_id), 20)) AS text_group_id,
    c.kind AS copy_kind,
    a.url
FROM a
LEFT JOIN sources s ON s.source_id = a.source_id
LEFT JOIN t ON t.article_id = a.article_id AND t.target = 'en'
LEFT JOIN c ON c.article_id = a.article_id
LEFT JOIN m ON m.article_id = a.article_id
