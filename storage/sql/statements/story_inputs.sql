-- What decides whether an article must be placed anew: when it was published, its wording, its translation's status.
SELECT a.article_id, a.published_at, a.text_sha256, coalesce(t.status, 'none') AS status
FROM articles a
LEFT JOIN translations t ON t.article_id = a.article_id AND t.target = $target
