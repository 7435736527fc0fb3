SELECT c.schema_name, c.table_name, c.column_name, c.data_type, c.is_nullable, c.comment
FROM duckdb_columns() c
WHERE c.database_name = current_database() AND NOT c.internal
ORDER BY c.schema_name, c.table_name, c.column_index
