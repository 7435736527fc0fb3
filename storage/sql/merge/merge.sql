-- New rows are added and changed rows updated; a row that says the same is not touched.
MERGE INTO {table} AS t
USING ({latest}) AS s
ON {same_key}
WHEN MATCHED AND ({differs}) THEN UPDATE SET {assignments}
WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({source_columns})
