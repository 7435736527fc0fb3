-- Translations by language and status; for those that wait, when the one waiting longest was first seen (UTC).
SELECT
    a.lang,
    coalesce(t.status, 'pending') AS status,
    t.engine,
    count(*) AS articles,
    CASE
        WHEN coalesce(t.status, 'pending') = 'pending'
            THEN strftime(timezone('UTC', min(a.first_seen_at)), '%Y-%m-%d %H:%M')
    END AS waiting_since
FROM articles a LEFT JOIN translations t ON t.article_id = a.article_id AND t.target = 'en'
GROUP BY a.lang, coalesce(t.status, 'pending'), t.engine
ORDER BY a.lang, status, t.engine
