-- Which words say that a story is about a topic?
SELECT
    s.story_id,
    s.title,
    t.topic_id,
    p.name_en,
    round(t.score, 2) AS score,
    t.evidence
FROM story_topics t
JOIN v_stories s ON s.story_id = t.story_id
LEFT JOIN topics p ON p.topic_id = t.topic_id
ORDER BY s.story_id, t.score DESC, t.topic_id
