-- Which outlets are first most often, in their own words and not with an agency's?
-- An agency's dispatch is its own text. Only stories of several outlets. sure: no article without an exact time can have been earlier.
SELECT
    t.source_id,
    t.source_name,
    t.country,
    count(*) AS firsts,
    count(*) FILTER (WHERE t.first_is_sure) AS sure,
    count(*) FILTER (WHERE t.agency IS NULL OR t.agency = t.source_id) AS own_text
FROM v_timeline t
JOIN v_stories s ON s.story_id = t.story_id
WHERE t.is_first AND s.source_count > 1
GROUP BY t.source_id, t.source_name, t.country
ORDER BY firsts DESC, sure DESC, t.source_id
