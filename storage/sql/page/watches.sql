-- Which standing queries are there, and how much did they find?
SELECT
    w.watch_id,
    w.name,
    w.definition,
    count(m.text_group_id) AS texts,
    coalesce(sum(m.article_count), 0)::BIGINT AS articles,
    arg_max(m.title, (m.published_at, m.article_id)) AS newest_title,
    arg_max(m.article_id, (m.published_at, m.article_id)) AS newest_id,
    arg_max(m.lang, (m.published_at, m.article_id)) AS newest_lang,
    max(m.published_at) AS newest_at,
    arg_max(m.published_precision, (m.published_at, m.article_id)) AS newest_precision,
    max(m.matched_at) AS last_match_at
FROM watches w
LEFT JOIN v_watch_matches m ON m.watch_id = w.watch_id
WHERE true
    AND w.watch_id = $watch -- if watch
GROUP BY w.watch_id, w.name, w.definition
ORDER BY w.name, w.watch_id
