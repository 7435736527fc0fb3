-- Articles that were not matched with these watches yet, or have other words, English or topics since.
WITH due AS (
    SELECT
        a.article_id,
        a.text_sha256,
        a.published_at,
        $version || '/' || coalesce(t.status, 'none') || '/' || coalesce(t.engine_version, 'none') || '/'
            || coalesce(tagged.method_version, 'none') AS mark
    FROM articles a
    LEFT JOIN translations t ON t.article_id = a.article_id AND t.target = $target
    LEFT JOIN stage_marks tagged ON tagged.article_id = a.article_id AND tagged.stage = 'topics'
)
SELECT d.article_id, d.text_sha256, d.mark
FROM due d
LEFT JOIN stage_marks m ON m.article_id = d.article_id AND m.stage = 'watches'
WHERE m.article_id IS NULL OR m.text_sha256 <> d.text_sha256 OR m.method_version <> d.mark
ORDER BY d.published_at, d.article_id
