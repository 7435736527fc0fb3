-- What the pipeline needs and readers do not.
DROP TABLE translation_memory;
DROP TABLE furniture;
DROP TABLE stage_marks;
ALTER TABLE article_features DROP COLUMN title_vector;
ALTER TABLE article_features DROP COLUMN lead_vector;
ALTER TABLE article_features DROP COLUMN minhash;
ALTER TABLE article_features DROP COLUMN shingle_count;
