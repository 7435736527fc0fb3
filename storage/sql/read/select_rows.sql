-- The values come as one JSON text (see storage.db.as_json). Which rows is asked of the one column first, and only those
-- rows are then read: a million articles' texts are not gone through for a hundred of them. For committed rows only:
-- within a transaction that also writes, the tests found reading by row number to go wrong.
SELECT {columns} FROM {table}
WHERE rowid IN (
    SELECT rowid FROM {table} WHERE "{column}" IN (SELECT unnest($values::JSON::VARCHAR[])) AND ({where})
)
ORDER BY {key}
