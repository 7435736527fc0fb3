-- Which topics does a story have, and what says so?
SELECT t.topic_id, coalesce(n.name_en, t.topic_id) AS name_en, coalesce(n.name_es, t.topic_id) AS name_es, t.score, t.evidence
FROM story_topics t
LEFT JOIN topics n ON n.topic_id = t.topic_id
WHERE t.story_id = $story
ORDER BY t.score DESC, t.topic_id
