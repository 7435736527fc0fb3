-- Each article with what the pipeline made of it, in the order that pipeline.demo.compare reads.
SELECT
    a.source_id, a.canonical_url, a.article_id, m.story_id,
    nullif(c.original_article_id, a.article_id) AS copy_of,
    CASE WHEN c.original_article_id IS DISTINCT FROM a.article_id THEN c.kind END AS copy_kind,
    a.beats, coalesce(t.topics, []) AS topics, a.kind, a.lang, a.genre,
    coalesce(c.text_group_id, a.article_id) AS text_group_id
FROM articles a
LEFT JOIN story_articles m USING (article_id)
LEFT JOIN copies c USING (article_id)
LEFT JOIN (SELECT article_id, list(topic_id) AS topics FROM article_topics GROUP BY article_id) t USING (article_id)
ORDER BY ALL
