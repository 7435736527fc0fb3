-- What do its independent voices say, in the original and in English? One text for each group of copies.
WITH chosen AS (
    SELECT article_id
    FROM timeline_facts
    WHERE story_id = $story AND kind = 'full' AND copy_kind IS NULL
    QUALIFY row_number() OVER (PARTITION BY text_group_id ORDER BY position) = 1
    ORDER BY position
    LIMIT $limit
),
english AS (
    -- What failed its checks is not shown
    SELECT article_id, status, engine, CASE WHEN status IN ('ok', 'partial') THEN title END AS title, CASE WHEN status IN ('ok', 'partial') THEN text END AS text
    FROM translations
    -- by rowid: texts of other rows are then not even unpacked
    WHERE rowid IN (SELECT rowid FROM translations WHERE target = 'en' AND article_id IN (SELECT article_id FROM chosen))
),
own AS (
    SELECT article_id, text
    FROM articles
    WHERE rowid IN (SELECT rowid FROM articles WHERE article_id IN (SELECT article_id FROM chosen))
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
    CASE WHEN t.lang = 'en' OR t.lang LIKE 'en-%' THEN a.text ELSE e.text END AS text_en,
    CASE WHEN t.lang = 'en' OR t.lang LIKE 'en-%' THEN 'not_needed' ELSE coalesce(e.status, 'pending') END AS translation_status,
    CASE WHEN e.status IN ('ok', 'partial') THEN e.engine END AS translation_engine,
    t.published_at,
    t.published_precision,
    t.url,
    t.genre,
    t.kind
FROM chosen c
JOIN timeline_facts t ON t.article_id = c.article_id AND t.story_id = $story
JOIN own a ON a.article_id = c.article_id
LEFT JOIN english e ON e.article_id = c.article_id
ORDER BY t.position
