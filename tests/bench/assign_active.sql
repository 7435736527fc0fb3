-- Stories with a member in the days a new article is compared with.
SELECT count(DISTINCT story_id)
FROM story_articles JOIN articles USING (article_id)
WHERE published_at >= TIMESTAMPTZ '2026-03-03 00:00:00+00'
