-- Wait for the right to write to the lake and hold it until this transaction of the catalogue ends. {query} is lock_in_postgres.sql.
SELECT * FROM postgres_query('__ducklake_metadata_lake', {query})
