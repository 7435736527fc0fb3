-- Articles whose wording was not tagged by this version of the topics yet.
SELECT a.article_id
FROM articles a
LEFT JOIN stage_marks m ON m.article_id = a.article_id AND m.stage = 'topics'
WHERE m.article_id IS NULL OR m.text_sha256 <> a.text_sha256 OR m.method_version <> $version
ORDER BY a.published_at, a.article_id
