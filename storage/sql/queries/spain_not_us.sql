-- What did Spanish outlets cover and US outlets not?
-- us_outlets_heard: US outlets that answered a poll on a day of the story; where it is 0 their silence says nothing.
SELECT
    s.story_id,
    s.title,
    s.beats,
    c.article_count AS es_articles,
    c.sources AS es_outlets,
    s.countries,
    s.first_published_at,
    (
        SELECT count(DISTINCT d.source_id)
        FROM v_source_days d
        WHERE d.country = 'US'
            AND d.state <> 'down'
            AND d.day_caracas BETWEEN timezone('America/Caracas', s.first_published_at)::DATE
            AND timezone('America/Caracas', s.last_published_at)::DATE
    ) AS us_outlets_heard
FROM v_stories s
JOIN v_coverage c ON c.story_id = s.story_id AND c.country = 'ES'
WHERE NOT list_contains(s.countries, 'US')
ORDER BY len(s.beats) > 0 DESC, es_articles DESC, s.first_published_at, s.story_id
