-- Short paragraphs that stand in two or more articles that a source published lately: page furniture in the making.
WITH lines AS (
    SELECT DISTINCT article_id, source_id, unnest(string_split(text, chr(10))) AS paragraph
    FROM articles
    WHERE kind = 'full' AND first_seen_at >= $since
)
SELECT source_id, paragraph, count(*) AS pages
FROM lines
WHERE length(paragraph) BETWEEN 1 AND 400
GROUP BY source_id, paragraph
HAVING count(*) > 1
ORDER BY source_id, paragraph
