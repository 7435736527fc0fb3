-- The values come as one JSON text (see storage.db.as_json).
SELECT {columns} FROM {table}
WHERE "{column}" IN (SELECT unnest($values::JSON::VARCHAR[])) AND ({where})
ORDER BY {key}
