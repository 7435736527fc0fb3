-- What share of each country's attention does each beat take, day by day?
-- In articles and in texts (copies folded within the country), over all that the country's outlets published that day.
WITH days AS (
    SELECT country, day_caracas, count(*) AS articles, count(DISTINCT text_group_id) AS texts
    FROM v_articles
    GROUP BY country, day_caracas
),
beats AS (
    SELECT beat, country, day_caracas, count(*) AS on_beat, count(DISTINCT text_group_id) AS texts_on_beat
    FROM (SELECT unnest(beats) AS beat, country, day_caracas, text_group_id FROM v_articles)
    GROUP BY ALL
)
SELECT
    b.beat,
    d.country,
    d.day_caracas,
    coalesce(n.on_beat, 0) AS articles_on_beat,
    d.articles,
    round(100.0 * coalesce(n.on_beat, 0) / d.articles, 1) AS percent_of_articles,
    coalesce(n.texts_on_beat, 0) AS texts_on_beat,
    d.texts,
    round(100.0 * coalesce(n.texts_on_beat, 0) / d.texts, 1) AS percent_of_texts
FROM (SELECT DISTINCT beat FROM beats) b
CROSS JOIN days d
LEFT JOIN beats n ON n.beat = b.beat AND n.country = d.country AND n.day_caracas = d.day_caracas
ORDER BY b.beat, d.country, d.day_caracas
