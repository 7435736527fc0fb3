-- What is a topic, and where does it stand among the others?
SELECT
    t.topic_id,
    t.name_en,
    t.name_es,
    p.topic_id AS parent_id,
    p.name_en AS parent_en,
    p.name_es AS parent_es,
    (SELECT coalesce(list(c.topic_id ORDER BY c.topic_id), []) FROM topics c WHERE c.parent_id = t.topic_id) AS child_ids,
    (SELECT coalesce(list(c.name_en ORDER BY c.topic_id), []) FROM topics c WHERE c.parent_id = t.topic_id) AS child_en,
    (SELECT coalesce(list(c.name_es ORDER BY c.topic_id), []) FROM topics c WHERE c.parent_id = t.topic_id) AS child_es
FROM topics t
LEFT JOIN topics p ON p.topic_id = t.parent_id
WHERE t.topic_id = $topic
