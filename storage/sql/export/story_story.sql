SELECT s.*
FROM v_stories s
WHERE s.story_id = coalesce((SELECT a.story_id FROM story_aliases a WHERE a.alias_id = $story_id LIMIT 1), $story_id)
