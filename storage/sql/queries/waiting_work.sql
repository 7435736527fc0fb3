-- What still waits: pages to fetch, texts to translate, articles to place?
SELECT 'entries that wait for their page' AS what, source_id, count(*) AS items, min(seen_at) AS oldest
FROM entries
WHERE state = 'pending'
GROUP BY source_id
UNION ALL
SELECT 'texts without English yet', source_id, count(*), min(first_seen_at)
FROM v_articles
WHERE translation_status = 'pending'
GROUP BY source_id
UNION ALL
SELECT 'translations that failed their checks', source_id, count(*), min(first_seen_at)
FROM v_articles
WHERE translation_status = 'quarantined'
GROUP BY source_id
UNION ALL
SELECT 'articles without a story', source_id, count(*), min(first_seen_at)
FROM v_articles
WHERE story_id IS NULL
GROUP BY source_id
ORDER BY what, items DESC, source_id
