-- v_timeline with what a story's page shows besides, ordered so that a story is read alone.
SELECT t.*, a.word_count, a.original_article_id, a.ownership
FROM v_timeline t
JOIN v_articles a ON a.article_id = t.article_id
ORDER BY t.story_id, t.position
