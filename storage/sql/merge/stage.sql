-- A copy of the table's shape for the rows that are coming in, in the order they were given.
CREATE OR REPLACE TEMP TABLE {stage} AS
SELECT {columns}, 0::BIGINT AS stage_order FROM {table} LIMIT 0
