-- What the watches found of three days, until the digest is due, and no earlier digest told: an article may come in late.
SELECT
    w.watch_id, w.watch_name, w.text_group_id, w.title, w.title_en, w.source_name, w.country, w.url, w.published_at,
    w.article_count - 1 AS copies
FROM v_watch_matches w
WHERE (timezone('America/Caracas', w.published_at) - to_minutes($minutes::BIGINT))::DATE + 1
        BETWEEN $morning::DATE - 2 AND $morning::DATE
    AND NOT EXISTS (
        SELECT 1
        FROM digest_items i
        JOIN digests d ON d.digest_id = i.digest_id
        WHERE i.kind = 'watch' AND d.morning < $morning::DATE AND i.item_id = w.watch_id || '/' || w.text_group_id
    )
ORDER BY w.watch_id, w.published_at DESC, w.text_group_id
