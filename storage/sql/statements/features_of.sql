-- The features of $ids, for reading as arrays; only their rows are read, not those of the whole archive.
SELECT article_id, text_sha256, title_vector, lead_vector, minhash, shingle_count, terms, names, numbers, method_version
FROM article_features
WHERE rowid IN (
    SELECT rowid FROM article_features WHERE article_id IN (SELECT unnest($ids::JSON::VARCHAR[]))
)
