-- Is a rise or fall in a country's articles real, or an outage of ours?
-- Each day beside the median of the seven days before it that were watched whole. verdict:
--   not watched      no outlet of the country was polled that day (before the first poll, for instance)
--   outage           at least one outlet was down; articles of it may be missing
--   possible gap     every outlet answered, but a feed may have lost entries between two polls
--   first days       nothing to compare with yet
--   rise, fall       at least a quarter (and two articles) above or below the median, with every outlet watched whole
--   as usual         anything else
WITH watched AS (
    SELECT
        country,
        day_caracas,
        count(*) AS outlets,
        count(*) FILTER (WHERE state = 'complete') AS complete,
        count(*) FILTER (WHERE state = 'gap') AS gap,
        count(*) FILTER (WHERE state = 'down') AS down,
        list_sort(list(source_id) FILTER (WHERE state <> 'complete')) AS not_complete
    FROM v_source_days
    GROUP BY country, day_caracas
),
written AS (
    SELECT country, day_caracas, count(*) AS articles FROM v_articles GROUP BY country, day_caracas
),
days AS (
    SELECT
        coalesce(w.country, a.country) AS country,
        coalesce(w.day_caracas, a.day_caracas) AS day_caracas,
        coalesce(a.articles, 0) AS articles,
        coalesce(w.outlets, 0) AS outlets,
        coalesce(w.complete, 0) AS complete,
        coalesce(w.gap, 0) AS gap,
        coalesce(w.down, 0) AS down,
        coalesce(w.not_complete, []) AS not_complete
    FROM watched w
    FULL JOIN written a ON a.country = w.country AND a.day_caracas = w.day_caracas
),
compared AS (
    SELECT
        *,
        median(articles) FILTER (WHERE outlets > 0 AND complete = outlets) OVER (
            PARTITION BY country ORDER BY day_caracas RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING
        ) AS usual
    FROM days
)
SELECT
    country,
    day_caracas,
    articles,
    usual,
    CASE
        WHEN outlets = 0 THEN 'not watched'
        WHEN down > 0 THEN 'outage'
        WHEN gap > 0 THEN 'possible gap'
        WHEN usual IS NULL THEN 'first days'
        WHEN abs(articles - usual) < greatest(2, usual / 4) THEN 'as usual'
        WHEN articles > usual THEN 'rise'
        ELSE 'fall'
    END AS verdict,
    outlets,
    complete,
    gap,
    down,
    not_complete
FROM compared
ORDER BY day_caracas DESC, country
