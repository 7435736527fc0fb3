SELECT schema_name, table_name
FROM duckdb_tables()
WHERE database_name = current_database() AND NOT temporary AND table_name <> 'snapshot'
ORDER BY schema_name, table_name
