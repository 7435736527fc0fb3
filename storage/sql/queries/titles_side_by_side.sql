-- What do the titles say in Spanish and in English?
SELECT
    day_caracas,
    source_name,
    lang,
    title,
    title_en,
    translation_status,
    translation_engine,
    url
FROM v_articles
WHERE lang <> 'en'
ORDER BY published_at DESC, article_id
