-- Which watched outlets did not tell it, and were they being heard on those days?
SELECT
    s.source_id,
    s.name AS source_name,
    s.country,
    s.ownership,
    s.alignment,
    coalesce(
        CASE WHEN bool_or(d.state = 'down') THEN 'down' WHEN bool_or(d.state = 'gap') THEN 'gap' ELSE min(d.state) END,
        'unwatched'
    ) AS state
FROM sources s
LEFT JOIN source_day_facts d ON d.source_id = s.source_id
    AND d.day_caracas BETWEEN $first_day::DATE AND $last_day::DATE
WHERE s.country IN (SELECT unnest(countries) FROM story_facts WHERE story_id = $story)
    AND s.source_id NOT IN (
        SELECT source_id FROM timeline_facts WHERE story_id = $story
    )
GROUP BY s.source_id, s.name, s.country, s.ownership, s.alignment
ORDER BY s.country, s.name, s.source_id
