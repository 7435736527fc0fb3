SELECT v.*
FROM v_source_days v
WHERE ($since::DATE IS NULL OR v.day_caracas >= $since::DATE) AND ($until::DATE IS NULL OR v.day_caracas <= $until::DATE)
ORDER BY v.source_id, v.day_caracas
