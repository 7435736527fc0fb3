DELETE FROM {table} AS t
WHERE t.{column} IN (SELECT unnest($values::JSON::VARCHAR[]))
    AND NOT EXISTS (SELECT 1 FROM {stage} AS s WHERE {same_key})
