-- The articles of a page of hits, without their texts.
SELECT
    v.article_id, v.story_id, v.source_id, v.source_name, v.country, v.lang, v.title, v.title_en, v.translation_status,
    v.published_at, v.published_precision, v.kind, v.genre, v.agency, v.alignment, v.text_group_id, v.url
FROM v_articles v
WHERE v.article_id IN ({ids})
