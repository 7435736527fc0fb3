-- What did an outlet publish last?
SELECT v.article_id, v.lang, v.title, v.title_en, v.published_at, v.published_precision, v.kind, v.genre, v.agency, v.copy_kind, v.story_id,
    v.translation_status
FROM v_articles v
WHERE v.source_id = $source
ORDER BY v.published_at DESC, v.article_id
LIMIT $limit
