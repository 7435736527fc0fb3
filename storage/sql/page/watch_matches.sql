-- What did a standing query find, newest first? One row for each text, told by the earliest of its copies.
SELECT
    article_id,
    evidence,
    matched_at,
    article_count,
    source_id,
    source_name,
    country,
    lang,
    title,
    title_en,
    published_at,
    published_precision,
    story_id,
    count(*) OVER () AS total
FROM v_watch_matches
WHERE watch_id = $watch
ORDER BY published_at DESC, article_id
LIMIT $limit OFFSET $offset
