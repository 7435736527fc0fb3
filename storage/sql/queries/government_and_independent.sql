-- What do government-aligned and independent Venezuelan outlets write on each story, and what only one side?
-- Alignment is a claim unless alignment_status says evidenced: unverified counts the articles where it does not.
-- Headlines are each side's first. only: government or independent where the other side has nothing.
SELECT
    s.story_id,
    s.title,
    count(*) FILTER (WHERE v.alignment = 'government') AS government,
    count(*) FILTER (WHERE v.alignment = 'independent') AS independent,
    count(*) FILTER (WHERE v.alignment NOT IN ('government', 'independent')) AS others,
    arg_min(v.title, (v.published_by, v.article_id)) FILTER (WHERE v.alignment = 'government') AS government_headline,
    arg_min(v.title, (v.published_by, v.article_id)) FILTER (WHERE v.alignment = 'independent') AS independent_headline,
    CASE
        WHEN count(*) FILTER (WHERE v.alignment = 'independent') = 0 THEN 'government'
        WHEN count(*) FILTER (WHERE v.alignment = 'government') = 0 THEN 'independent'
    END AS only,
    count(*) FILTER (WHERE v.alignment_status = 'unverified') AS unverified
FROM v_articles v
JOIN v_stories s ON s.story_id = v.story_id
WHERE v.country = 'VE' AND v.alignment IS NOT NULL
GROUP BY s.story_id, s.title
HAVING government + independent > 0
ORDER BY government + independent DESC, s.story_id
