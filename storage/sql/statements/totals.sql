-- Articles, stories and folded copies held.
SELECT
    (SELECT count(*) FROM articles),
    (SELECT count(DISTINCT story_id) FROM story_articles),
    (SELECT count(*) FROM copies WHERE original_article_id IS DISTINCT FROM article_id)
