-- Articles to be placed into stories: new, reworded, or with another status of translation than when they were placed.
SELECT a.published_at, a.article_id, a.text_sha256, $version || '/' || coalesce(t.status, 'none') AS mark
FROM articles a
LEFT JOIN translations t ON t.article_id = a.article_id AND t.target = $target
LEFT JOIN stage_marks m ON m.article_id = a.article_id AND m.stage = 'stories'
WHERE m.article_id IS NULL
    OR m.text_sha256 <> a.text_sha256
    OR m.method_version <> $version || '/' || coalesce(t.status, 'none')
ORDER BY a.published_at, a.article_id
