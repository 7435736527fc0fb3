-- What outlets of each country wrote about each day.
SELECT
    v.day_caracas,
    t.topic_id,
    v.country,
    count(*) AS article_count,
    count(DISTINCT v.story_id) AS story_count
FROM v_articles v
JOIN article_topics t ON t.article_id = v.article_id
GROUP BY v.day_caracas, t.topic_id, v.country
ORDER BY v.day_caracas, t.topic_id, v.country
