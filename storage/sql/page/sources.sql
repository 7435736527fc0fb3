-- Which outlets are heard, and what did they bring?
SELECT
    h.source_id,
    h.source_name,
    h.country,
    h.state,
    h.feed_count,
    h.failing_feed_count,
    h.failures,
    h.last_reasons,
    h.last_polled_at,
    h.last_ok_at,
    h.article_count,
    h.full_count,
    h.pending_count,
    h.last_published_at,
    h.last_published_precision,
    s.media_type,
    s.ownership,
    s.alignment,
    s.evidence IS NOT NULL AS evidenced,
    d.states
FROM source_facts h
JOIN sources s ON s.source_id = h.source_id
LEFT JOIN (
    SELECT source_id, list(state ORDER BY day_caracas) AS states
    FROM source_day_facts
    WHERE day_caracas > (SELECT max(day_caracas) FROM source_day_facts) - 14
    GROUP BY source_id
) d ON d.source_id = h.source_id
WHERE true
    AND h.country = $country -- if country
    AND h.state = $state -- if state
ORDER BY h.state = 'ok', h.country, h.source_name, h.source_id
