-- Which story, article, topic, outlet and watch show most?
SELECT
    (SELECT story_id FROM story_facts ORDER BY article_count DESC, story_id LIMIT 1) AS story_id,
    (SELECT arg_min(article_id, published_at) FROM articles) AS article_id,
    (SELECT topic_id FROM topic_facts GROUP BY topic_id ORDER BY sum(article_count) DESC, topic_id LIMIT 1) AS topic_id,
    (SELECT source_id FROM articles GROUP BY source_id ORDER BY count(*) DESC, source_id LIMIT 1) AS source_id,
    (SELECT watch_id FROM watch_matches GROUP BY watch_id ORDER BY count(*) DESC, watch_id LIMIT 1) AS watch_id
