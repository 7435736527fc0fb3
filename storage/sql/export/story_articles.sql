SELECT t.position, t.is_first, t.first_is_sure, t.minutes_after_first, v.* EXCLUDE (story_id)
FROM v_timeline t
JOIN v_articles v ON v.article_id = t.article_id
WHERE t.story_id = coalesce((SELECT a.story_id FROM story_aliases a WHERE a.alias_id = $story_id LIMIT 1), $story_id)
ORDER BY t.position
