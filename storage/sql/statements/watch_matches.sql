-- The matches of one watch, newest first.
SELECT
    text_group_id, article_id, evidence, matched_at, article_count, source_id, source_name, country, lang,
    title, title_en, summary, published_at, url, story_id
FROM v_watch_matches
WHERE watch_id = $watch AND published_at >= $since::TIMESTAMPTZ
ORDER BY published_at DESC, article_id
LIMIT $limit
