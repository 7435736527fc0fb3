-- v_source_health, computed once.
SELECT * FROM v_source_health ORDER BY source_id
