-- v_source_days, computed once.
SELECT * FROM v_source_days ORDER BY source_id, day_caracas
