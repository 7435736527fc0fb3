SELECT t.topic_id, p.name_en, p.name_es, t.score, t.evidence
FROM story_topics t
LEFT JOIN topics p ON p.topic_id = t.topic_id
WHERE t.story_id = coalesce((SELECT a.story_id FROM story_aliases a WHERE a.alias_id = $story_id LIMIT 1), $story_id)
ORDER BY t.score DESC, t.topic_id
