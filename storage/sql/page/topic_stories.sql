-- Which stories are on a topic, newest first?
WITH chosen AS (
    -- by rowid: the other columns of other stories are then not read
    SELECT s.rowid AS place, count(*) OVER () AS total
    FROM story_topics t
    JOIN story_facts s ON s.story_id = t.story_id
    WHERE t.topic_id = $topic
    ORDER BY s.last_published_at DESC, s.story_id
    LIMIT $limit OFFSET $offset
)
SELECT
    s.*,
    0 AS new_article_count,
    false AS is_new,
    c.total
FROM chosen c
JOIN story_facts s ON s.rowid = c.place
ORDER BY s.last_published_at DESC, s.story_id
