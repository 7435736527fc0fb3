-- The MinHash signatures of some rows (JSON), of those that have one, a number a line (see window_vectors.sql): the
-- number of the row, how many 3-word runs its text has, and the slots.
SELECT unnest([rowid, shingle_count] || minhash)::UINTEGER AS numbers
FROM article_features
WHERE rowid IN (SELECT unnest($rows::JSON::BIGINT[])) AND len(minhash) > 0
