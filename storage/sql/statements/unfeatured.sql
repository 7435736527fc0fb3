-- Articles whose wording has no features of this method version.
SELECT a.article_id
FROM articles a
LEFT JOIN article_features f ON f.article_id = a.article_id
WHERE f.article_id IS NULL OR f.text_sha256 <> a.text_sha256 OR f.method_version <> $version
ORDER BY a.published_at, a.article_id
