-- What the watches found in the morning's window and no earlier digest told.
SELECT
    w.watch_id, w.watch_name, w.text_group_id, w.title, w.title_en, w.source_name, w.country, w.url, w.published_at,
    w.article_count
FROM v_watch_matches w
WHERE (timezone('America/Caracas', w.published_at) - INTERVAL 7 HOUR)::DATE + 1 = $morning::DATE
    AND NOT EXISTS (
        SELECT 1
        FROM digest_items i
        JOIN digests d ON d.digest_id = i.digest_id
        WHERE i.kind = 'watch' AND d.morning < $morning::DATE AND i.item_id = w.watch_id || '/' || w.text_group_id
    )
ORDER BY w.watch_id, w.published_at DESC, w.text_group_id
