-- Asks PostgreSQL in the transaction of the catalogue's connection: lock_in_postgres.sql or held_in_postgres.sql.
SELECT * FROM postgres_query('__ducklake_metadata_lake', {query})
