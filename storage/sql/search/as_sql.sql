WITH hits(position, article_id, score) AS ({values})
SELECT
    h.position,
    h.score,
    v.published_at,
    v.source_name,
    v.country,
    v.lang,
    v.title,
    v.title_en,
    v.story_id,
    v.article_id,
    v.url
FROM hits h
JOIN v_articles v ON v.article_id = h.article_id
ORDER BY h.position
