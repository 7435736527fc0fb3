-- The articles of $ids, those that share a text with them, and all other members of the stories of both.
WITH given AS (
    SELECT unnest($ids::JSON::VARCHAR[]) AS article_id
),
texts AS (
    SELECT text_group_id FROM copies SEMI JOIN given ON given.article_id = copies.article_id
    UNION
    SELECT text_group_id FROM copies SEMI JOIN given ON given.article_id = copies.original_article_id
),
same AS (
    SELECT article_id FROM given
    UNION
    SELECT article_id FROM copies SEMI JOIN texts ON texts.text_group_id = copies.text_group_id
    UNION
    SELECT original_article_id
    FROM copies SEMI JOIN texts ON texts.text_group_id = copies.text_group_id
    WHERE original_article_id IS NOT NULL
),
known AS (
    SELECT DISTINCT story_id FROM story_articles SEMI JOIN same ON same.article_id = story_articles.article_id
)
SELECT article_id
FROM (
    SELECT article_id FROM same
    UNION
    SELECT article_id FROM story_articles SEMI JOIN known ON known.story_id = story_articles.story_id
)
SEMI JOIN articles USING (article_id)
ORDER BY article_id
