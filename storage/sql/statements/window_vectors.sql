-- What neighbours are looked for by, of the articles published in a period: a few numbers each, no texts.
SELECT
    a.article_id,
    epoch(a.published_at) + CASE WHEN a.published_precision = 'day' THEN 43200 ELSE 0 END AS at,
    split_part(a.lang, '-', 1) AS lang,
    f.title_vector,
    f.lead_vector,
    f.minhash,
    f.shingle_count
FROM articles a
JOIN article_features f ON f.article_id = a.article_id
WHERE a.published_at >= $start AND a.published_at < $end
