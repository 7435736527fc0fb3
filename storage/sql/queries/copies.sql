-- Which articles are copies, of what, and how much later?
-- original is NULL where the agency's own text is not held; similarity is that of the texts (1: equal).
SELECT
    v.source_id,
    v.title,
    v.copy_kind,
    v.agency,
    o.source_id AS original_source,
    o.title AS original_title,
    round(c.similarity, 2) AS similarity,
    CASE
        WHEN v.published_precision <> 'day' AND o.published_precision <> 'day'
            THEN date_diff('minute', o.published_at, v.published_at)
    END AS minutes_later,
    v.text_group_id,
    v.article_id,
    v.original_article_id
FROM v_articles v
JOIN copies c ON c.article_id = v.article_id
LEFT JOIN v_articles o ON o.article_id = v.original_article_id AND o.article_id <> v.article_id
WHERE v.copy_kind IS NOT NULL
ORDER BY v.published_at DESC, v.article_id
