-- Articles that are in a story.
SELECT article_id FROM story_articles
