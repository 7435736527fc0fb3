-- How much of each outlet's output is the text of EFE, AP or another agency?
-- Agencies themselves are left out. An outlet's own text may still rest on an agency it does not name.
SELECT
    v.source_id,
    v.source_name,
    v.country,
    count(*) AS articles,
    count(v.agency) AS agency_articles,
    round(100.0 * count(v.agency) / count(*), 1) AS percent,
    list_sort(list(DISTINCT v.agency) FILTER (WHERE v.agency IS NOT NULL)) AS agencies,
    count(*) FILTER (WHERE v.agency IS NOT NULL AND v.copy_kind = 'verbatim') AS taken_verbatim
FROM v_articles v
WHERE v.media_type <> 'agency'
GROUP BY v.source_id, v.source_name, v.country
ORDER BY percent DESC, agency_articles DESC, v.source_id
