-- Lines of JSON (one record each) into the staging table. Strict: a value that does not fit its column is an error.
INSERT INTO {stage}
SELECT {fields}, stage_order
FROM (
    SELECT from_json_strict(line, $structure) AS r, stage_order
    FROM (SELECT unnest($lines::VARCHAR[]) AS line, unnest(range($first, $first + len($lines::VARCHAR[]))) AS stage_order)
)
