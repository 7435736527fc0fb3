SELECT c.* EXCLUDE (story_id)
FROM v_coverage c
WHERE c.story_id = coalesce((SELECT a.story_id FROM story_aliases a WHERE a.alias_id = $story_id LIMIT 1), $story_id)
ORDER BY c.country
