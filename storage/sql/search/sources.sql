SELECT source_id, name, country FROM sources ORDER BY source_id
