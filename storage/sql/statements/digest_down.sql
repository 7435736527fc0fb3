-- Outlets that cannot be heard: all their feeds failed when last polled.
SELECT source_id, source_name, country, last_ok_at, last_reasons
FROM v_source_health
WHERE state = 'down'
ORDER BY country, source_name, source_id
