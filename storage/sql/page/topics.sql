-- How much was written on each topic in a period?
SELECT
    t.topic_id,
    t.name_en,
    t.name_es,
    t.parent_id,
    t.level,
    coalesce(sum(f.article_count), 0)::BIGINT AS article_count,
    coalesce(sum(f.article_count) FILTER (WHERE f.country = 'VE'), 0)::BIGINT AS ve_count,
    coalesce(sum(f.article_count) FILTER (WHERE f.country = 'ES'), 0)::BIGINT AS es_count,
    coalesce(sum(f.article_count) FILTER (WHERE f.country = 'US'), 0)::BIGINT AS us_count
FROM topics t
LEFT JOIN topic_facts f ON f.topic_id = t.topic_id AND f.day_caracas BETWEEN $first_day::DATE AND $last_day::DATE
GROUP BY t.topic_id, t.name_en, t.name_es, t.parent_id, t.level
ORDER BY article_count DESC, t.topic_id
