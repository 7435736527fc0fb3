-- The watches, with how much they found.
SELECT
    w.watch_id,
    w.name,
    w.definition,
    count(m.text_group_id) AS texts,
    coalesce(sum(m.article_count), 0)::BIGINT AS articles,
    max(m.published_at) AS newest,
    max(m.matched_at) AS last_match
FROM watches w
LEFT JOIN v_watch_matches m ON m.watch_id = w.watch_id
GROUP BY ALL
ORDER BY w.watch_id
