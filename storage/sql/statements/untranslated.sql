-- Articles whose wording has no translation yet, and those that wait although an engine knows their language ($able:
-- language codes with commas between).
SELECT a.article_id, a.lang
FROM articles a
LEFT JOIN translations t ON t.article_id = a.article_id AND t.target = $target
WHERE t.article_id IS NULL
    OR t.source_sha256 <> a.text_sha256
    OR (t.status = 'pending' AND list_contains(string_split($able, ','), a.lang))
ORDER BY a.published_at, a.article_id
