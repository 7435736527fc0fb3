-- What is about to be overwritten goes to the history first, unless only a weight changes (storage.store.HISTORY).
INSERT INTO log.{table} ({columns}, superseded_at)
SELECT {target_columns}, now()
FROM {table} AS t JOIN ({latest}) AS s ON {same_key}
WHERE {tells}
