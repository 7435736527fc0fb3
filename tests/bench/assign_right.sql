-- The share of new articles whose story holds exactly the articles on their event (see assign.sql: the title names it).
WITH new AS (
    SELECT a.title, m.story_id
    FROM articles a JOIN story_articles m USING (article_id)
    WHERE a.article_id >= 'a0100000000'
),
counted AS (
    SELECT story_id, count(DISTINCT title) AS titles FROM story_articles JOIN articles USING (article_id)
    WHERE published_at >= TIMESTAMPTZ '2026-03-01 00:00:00+00' GROUP BY story_id
),
spread AS (
    SELECT title, count(DISTINCT story_id) AS stories FROM story_articles JOIN articles USING (article_id)
    WHERE published_at >= TIMESTAMPTZ '2026-03-01 00:00:00+00' GROUP BY title
)
SELECT avg((titles = 1 AND stories = 1)::INT)
FROM new JOIN counted USING (story_id) JOIN spread USING (title)
