-- Lines of JSON (one record each) into the staging table. Strict: a value that does not fit its column is an error.
-- They come as one text: a bound list costs 0.25 ms for each of its values where pandas is not installed, since the
-- driver then looks for pandas at every one.
INSERT INTO {stage}
SELECT {fields}, stage_order
FROM (
    SELECT from_json_strict(line, $structure) AS r, stage_order
    FROM (
        SELECT unnest(lines) AS line, unnest(range($first, $first + len(lines))) AS stage_order
        FROM (SELECT string_split($lines, chr(10)) AS lines)
    )
)
