-- Stories without topics that have an article with topics: those whose members changed, see pipeline.enrich.
SELECT DISTINCT m.story_id
FROM story_articles m
SEMI JOIN article_topics t ON t.article_id = m.article_id
ANTI JOIN story_topics s ON s.story_id = m.story_id
ORDER BY m.story_id
