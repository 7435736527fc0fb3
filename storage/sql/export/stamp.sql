SELECT * FROM v_snapshot
