-- Files of which a good part was deleted are written anew.
CALL ducklake_rewrite_data_files('lake', delete_threshold => 0.1)
