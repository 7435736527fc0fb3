-- When `sources check` last reached each source.
SELECT source_id, verified_at FROM sources WHERE verified_at IS NOT NULL ORDER BY source_id
