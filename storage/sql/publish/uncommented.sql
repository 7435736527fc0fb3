-- View columns without words of their own, with those of the table column they pass on. One row per view column.
SELECT v.table_name, v.column_name, t.comment
FROM duckdb_columns() v
JOIN duckdb_views() w
    ON w.database_name = v.database_name AND w.schema_name = v.schema_name AND w.view_name = v.table_name
JOIN duckdb_columns() t
    ON t.database_name = v.database_name AND t.schema_name = 'main' AND t.column_name = v.column_name
    AND t.comment IS NOT NULL
    AND list_contains(['v_articles', 'v_stories', 'v_coverage', 'articles', 'sources', 'stories', 'story_articles', 'feeds'], t.table_name)
WHERE v.database_name = current_database() AND NOT w.internal AND v.comment IS NULL AND t.table_name <> v.table_name
QUALIFY row_number() OVER (
    PARTITION BY v.table_name, v.column_name
    ORDER BY list_position(['articles', 'sources', 'stories', 'story_articles', 'feeds', 'v_articles', 'v_stories', 'v_coverage'], t.table_name)
) = 1
ORDER BY v.table_name, v.column_name
