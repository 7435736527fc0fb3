-- Each article with what the pipeline made of it, in the order that pipeline.demo.compare reads.
SELECT
    a.source_id, a.canonical_url, a.article_id, a.story_id,
    nullif(a.original_article_id, a.article_id) AS copy_of, a.copy_kind,
    a.beats, coalesce(t.topics, []) AS topics, a.kind, a.lang, a.genre, a.text_group_id
FROM v_articles a
LEFT JOIN (SELECT article_id, list(topic_id) AS topics FROM article_topics GROUP BY article_id) t USING (article_id)
ORDER BY ALL
