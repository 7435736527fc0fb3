SELECT s.* FROM sources s ORDER BY s.source_id
