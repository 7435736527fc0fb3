-- Columns of the computed tables without words of their own, with those of the view they come from.
SELECT f.table_name, f.column_name, v.comment
FROM duckdb_columns() f
JOIN duckdb_columns() v ON v.database_name = f.database_name AND v.schema_name = 'main' AND v.column_name = f.column_name
    AND v.table_name = CASE f.table_name WHEN 'story_facts' THEN 'v_stories' WHEN 'timeline_facts' THEN 'v_timeline' WHEN 'source_facts' THEN 'v_source_health' WHEN 'source_day_facts' THEN 'v_source_days' END
WHERE f.database_name = current_database() AND f.comment IS NULL AND v.comment IS NOT NULL
ORDER BY f.table_name, f.column_name
