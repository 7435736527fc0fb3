-- "Data through" means one thing everywhere: v_snapshot.data_through. Digests kept the start of the last run under that name.
ALTER TABLE digests ADD COLUMN last_run_at TIMESTAMPTZ;
UPDATE digests SET last_run_at = data_through, data_through = NULL;
COMMENT ON COLUMN digests.last_run_at IS 'When the last run that came through began (UTC). NULL: none had.';
COMMENT ON COLUMN digests.data_through IS 'Until when its news went: v_snapshot.data_through then (UTC). NULL: there was none, or it was made before this was kept.';
