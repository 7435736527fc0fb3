-- v_timeline, computed once, ordered so that a story is read alone.
SELECT * FROM v_timeline ORDER BY story_id, position
