-- Rows that a client with other settings has left in the catalogue go to files.
CALL ducklake_flush_inlined_data('lake')
