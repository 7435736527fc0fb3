SELECT search_version, data_through FROM v_snapshot
