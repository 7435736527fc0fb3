SELECT schema_name, table_name, comment
FROM duckdb_tables()
WHERE database_name = current_database()
UNION ALL
SELECT schema_name, view_name, comment
FROM duckdb_views()
WHERE database_name = current_database() AND NOT internal
ORDER BY ALL
