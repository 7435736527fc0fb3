-- The children of these parents that are not among the incoming rows go to the history.
INSERT INTO log.{table} ({columns}, superseded_at)
SELECT {target_columns}, now()
FROM {table} AS t
WHERE t.{column} IN (SELECT unnest($values::JSON::VARCHAR[]))
    AND NOT EXISTS (SELECT 1 FROM {stage} AS s WHERE {same_key})
