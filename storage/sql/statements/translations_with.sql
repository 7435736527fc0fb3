-- Articles published since a time whose translation has one of some statuses (with commas between).
SELECT a.article_id, a.lang
FROM articles a
LEFT JOIN translations t ON t.article_id = a.article_id AND t.target = $target
WHERE a.published_at >= $since AND list_contains(string_split($statuses, ','), coalesce(t.status, 'pending'))
ORDER BY a.published_at, a.article_id
