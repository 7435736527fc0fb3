-- A reader may still have a file open that it found in the catalogue a moment ago.
CALL ducklake_cleanup_old_files('lake', older_than => now() - INTERVAL 1 DAY)
