-- Which topics did each country write about, day by day?
-- A topic counts once per article; articles may have several. texts: copies folded.
SELECT
    v.day_caracas,
    v.country,
    t.topic_id,
    p.name_en,
    p.name_es,
    count(*) AS articles,
    count(DISTINCT v.text_group_id) AS texts,
    count(DISTINCT v.source_id) AS sources
FROM article_topics t
JOIN v_articles v ON v.article_id = t.article_id
LEFT JOIN topics p ON p.topic_id = t.topic_id
GROUP BY v.day_caracas, v.country, t.topic_id, p.name_en, p.name_es
ORDER BY v.day_caracas DESC, v.country, articles DESC, t.topic_id
