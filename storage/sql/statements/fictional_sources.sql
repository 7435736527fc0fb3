-- Outlets that do not exist.
SELECT source_id FROM sources WHERE fictional
