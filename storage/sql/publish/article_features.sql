-- Words only: the vectors are most of the warehouse and of no use to a reader.
INSERT INTO {target} BY NAME
SELECT * EXCLUDE (title_vector, lead_vector, minhash, shingle_count) FROM {source}
