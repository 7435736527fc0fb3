-- What the pipeline needs and readers do not.
DROP TABLE translation_memory;
DROP TABLE furniture;
DROP TABLE stage_marks;
ALTER TABLE article_features DROP COLUMN title_vector;
ALTER TABLE article_features DROP COLUMN lead_vector;
ALTER TABLE article_features DROP COLUMN minhash;
ALTER TABLE article_features DROP COLUMN shingle_count;
-- What only the snapshot has: when it was made, and which search index belongs to it.
CREATE TABLE snapshot (published_at TIMESTAMPTZ NOT NULL, search_version VARCHAR NOT NULL, edition VARCHAR NOT NULL);
COMMENT ON TABLE snapshot IS 'The stamp of this snapshot, one row. Ask v_snapshot. Snapshot only.';
COMMENT ON COLUMN snapshot.published_at IS 'When this file was built (UTC).';
COMMENT ON COLUMN snapshot.search_version IS 'Folder below search/ with the full-text index of exactly these articles.';
COMMENT ON COLUMN snapshot.edition IS 'Which tables and views this file has: a hash of the SQL that made them. A version of Atalaya that has others writes it anew.';
