-- Which migrations this database has had. Made in the transaction of the first one.
CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE schema_migrations IS 'Which numbered schema changes this database has had.';
COMMENT ON COLUMN schema_migrations.number IS 'Number of the migration file, from 1 without gaps.';
COMMENT ON COLUMN schema_migrations.name IS 'Name of the migration file without number and ending.';
COMMENT ON COLUMN schema_migrations.sha256 IS 'SHA-256 of the file as it was applied, 64 hex digits.';
COMMENT ON COLUMN schema_migrations.applied_at IS 'When it was applied (UTC).';
