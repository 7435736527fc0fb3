-- What do its independent voices say, in the original and in English? One text for each group of copies.
SELECT
    v.article_id,
    v.source_id,
    v.source_name,
    v.country,
    v.lang,
    v.title,
    v.title_en,
    v.text,
    v.text_en,
    v.translation_status,
    v.translation_engine,
    v.published_at,
    v.published_precision,
    v.url,
    v.genre,
    v.kind
FROM v_articles v
WHERE v.story_id = $story AND v.kind = 'full' AND (v.original_article_id IS NULL OR v.original_article_id = v.article_id)
QUALIFY row_number() OVER (PARTITION BY v.text_group_id ORDER BY v.published_by, v.article_id) = 1
ORDER BY v.published_by, v.article_id
LIMIT $limit
