-- Which articles tell a story, in the order they came out?
SELECT
    t.position,
    t.article_id,
    t.source_id,
    t.source_name,
    t.country,
    t.lang,
    t.title,
    t.title_en,
    t.published_at,
    t.published_precision,
    t.published_by,
    t.exact,
    t.is_first,
    t.first_is_sure,
    t.minutes_after_first,
    t.agency,
    t.version,
    t.kind,
    t.genre,
    t.text_group_id,
    t.copy_kind,
    t.alignment,
    t.alignment_status,
    t.url,
    t.original_article_id,
    t.word_count,
    t.ownership,
    o.evidence IS NOT NULL AS evidenced
FROM timeline_facts t
LEFT JOIN sources o ON o.source_id = t.source_id
WHERE t.story_id = $story
ORDER BY t.position
LIMIT $limit
