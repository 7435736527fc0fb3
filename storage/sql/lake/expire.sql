-- Whoever reads an older state than this has to attach anew.
CALL ducklake_expire_snapshots('lake', older_than => now() - INTERVAL 7 DAY)
