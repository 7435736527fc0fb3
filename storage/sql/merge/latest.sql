-- One row per key: of several given for the same key the last one counts.
SELECT * FROM {stage}
QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY stage_order DESC) = 1
