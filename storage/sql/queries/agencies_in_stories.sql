-- Which stories rest on an agency, and how much of their coverage is its text?
SELECT
    s.story_id,
    s.title,
    s.article_count,
    count(*) AS agency_articles,
    list_sort(list(DISTINCT v.agency)) AS agencies,
    list_sort(list(DISTINCT v.source_id)) AS outlets,
    round(100.0 * count(*) / s.article_count, 1) AS percent
FROM v_articles v
JOIN v_stories s ON s.story_id = v.story_id
WHERE v.agency IS NOT NULL
GROUP BY s.story_id, s.title, s.article_count
ORDER BY agency_articles DESC, s.story_id
