-- Outlets that were polled and not heard for so many hours.
WITH first_polls AS (
    SELECT source_id, min(first_polled_at) AS first_polled_at
    FROM feeds
    GROUP BY source_id
)
SELECT h.source_id, h.source_name, h.country, h.last_ok_at, h.last_reasons
FROM v_source_health h
JOIN first_polls f ON f.source_id = h.source_id
WHERE h.state = 'down'
    AND coalesce(h.last_ok_at, f.first_polled_at) < $now::TIMESTAMPTZ - to_hours($hours::BIGINT)
ORDER BY h.country, h.source_id
