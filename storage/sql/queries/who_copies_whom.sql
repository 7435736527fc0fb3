-- Who takes texts from whom?
-- The original is an outlet's article where it is held, else the agency by name.
SELECT
    v.source_id AS copier,
    coalesce(o.source_id, v.agency, 'unknown') AS taken_from,
    o.source_id IS NOT NULL AS original_held,
    count(*) AS texts,
    count(*) FILTER (WHERE v.copy_kind = 'verbatim') AS verbatim,
    count(*) FILTER (WHERE v.copy_kind = 'cut') AS cut,
    count(*) FILTER (WHERE v.copy_kind = 'edited') AS edited,
    count(*) FILTER (WHERE v.copy_kind = 'translated') AS translated
FROM v_articles v
LEFT JOIN v_articles o ON o.article_id = v.original_article_id AND o.article_id <> v.article_id
WHERE v.copy_kind IS NOT NULL
GROUP BY v.source_id, taken_from, original_held
ORDER BY texts DESC, copier, taken_from
