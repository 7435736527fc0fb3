-- The features of $ids, for reading as arrays: a list of numbers costs the driver a thousandth of a millisecond a number.
SELECT article_id, text_sha256, title_vector, lead_vector, minhash, shingle_count, terms, names, numbers, method_version
FROM article_features f
SEMI JOIN (SELECT unnest($ids::JSON::VARCHAR[]) AS article_id) g ON g.article_id = f.article_id
