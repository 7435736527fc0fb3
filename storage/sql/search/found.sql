-- The articles of a page of hits, in their order. $ids is a JSON list of article_ids.
SELECT
    v.article_id, v.story_id, v.source_id, v.source_name, v.country, v.lang, v.title, v.title_en, v.translation_status,
    v.published_at, v.published_precision, v.kind, v.genre, v.agency, v.alignment, v.text_group_id, v.url,
    left(v.text, 20000) AS text,
    CASE WHEN v.lang NOT LIKE 'en%' THEN left(v.text_en, 20000) END AS text_en
FROM v_articles v
WHERE v.article_id IN (SELECT unnest($ids::JSON::VARCHAR[]))
