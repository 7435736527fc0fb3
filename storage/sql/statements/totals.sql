-- Articles, stories, and the articles that only repeat a text another one holds.
SELECT
    (SELECT count(*) FROM articles),
    (SELECT count(DISTINCT story_id) FROM story_articles),
    (
        SELECT count(*) - count(DISTINCT coalesce(c.text_group_id, 't' || left(sha256(a.article_id), 20)))
        FROM articles a
        LEFT JOIN copies c ON c.article_id = a.article_id
    )
