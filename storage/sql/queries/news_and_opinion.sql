-- How much is news and how much is opinion, by country?
-- genre: news, opinion, live, service (horoscopes, recipes) or other, as the page declares it or its words say.
SELECT
    country,
    genre,
    count(*) AS articles,
    round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY country), 1) AS percent_of_country,
    count(*) FILTER (WHERE len(beats) > 0) AS on_a_beat,
    list_sort(list(DISTINCT source_id)) AS sources
FROM v_articles
GROUP BY country, genre
ORDER BY country, articles DESC, genre
