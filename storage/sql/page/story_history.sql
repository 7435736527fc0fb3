-- Which stories were merged into it?
SELECT alias_id, reason, since FROM story_aliases WHERE story_id = $story ORDER BY since, alias_id LIMIT 20
