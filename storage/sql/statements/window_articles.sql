-- The articles published in a window, and all other members of the stories they are in.
WITH inside AS (SELECT article_id FROM articles WHERE published_at BETWEEN $start AND $end)
SELECT article_id FROM inside
UNION
SELECT m.article_id
FROM story_articles m
WHERE m.story_id IN (SELECT story_id FROM story_articles JOIN inside USING (article_id))
ORDER BY article_id
