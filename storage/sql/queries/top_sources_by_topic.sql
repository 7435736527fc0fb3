-- Which outlets write most about each topic?
-- The five with most articles, and what part of the outlet's articles that is.
WITH written AS (
    SELECT source_id, count(*) AS articles FROM articles GROUP BY source_id
)
SELECT
    t.topic_id,
    p.name_en,
    p.name_es,
    row_number() OVER (PARTITION BY t.topic_id ORDER BY count(*) DESC, v.source_id) AS place,
    v.source_id,
    v.country,
    count(*) AS articles,
    round(100.0 * count(*) / any_value(w.articles), 1) AS percent_of_outlet
FROM article_topics t
JOIN v_articles v ON v.article_id = t.article_id
JOIN written w ON w.source_id = v.source_id
LEFT JOIN topics p ON p.topic_id = t.topic_id
GROUP BY t.topic_id, p.name_en, p.name_es, v.source_id, v.country
QUALIFY place <= 5
ORDER BY p.name_en, t.topic_id, place
