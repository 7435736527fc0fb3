-- Who else has the same text?
SELECT v.article_id, v.source_id, v.source_name, v.country, v.lang, v.title, v.published_at, v.published_precision, v.copy_kind
FROM timeline_facts v
WHERE v.text_group_id = $text_group AND v.story_id = $story AND v.article_id <> $article
ORDER BY v.published_by, v.article_id
LIMIT 200
