-- What share of each country's articles is on which of the widest topics? An article may have several: shares add up to more.
WITH held AS (
    SELECT country, sum(article_count)::BIGINT AS country_count
    FROM day_facts
    WHERE day_caracas BETWEEN $first_day::DATE AND $last_day::DATE
    GROUP BY country
)
SELECT
    f.country,
    f.topic_id,
    any_value(t.name_en) AS name_en,
    any_value(t.name_es) AS name_es,
    sum(f.article_count)::BIGINT AS article_count,
    any_value(h.country_count) AS country_count
FROM topic_facts f
JOIN topics t ON t.topic_id = f.topic_id AND t.level = 1
JOIN held h ON h.country = f.country
WHERE f.day_caracas BETWEEN $first_day::DATE AND $last_day::DATE
GROUP BY f.country, f.topic_id
ORDER BY f.country, article_count DESC, f.topic_id
