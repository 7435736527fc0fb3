-- Articles whose translation was made by one of some methods (JSON: rows of translation_methods), the newest first.
SELECT a.article_id, a.lang
FROM translations t JOIN articles a USING (article_id)
WHERE t.target = $target
    AND t.status IN ('ok', 'partial', 'quarantined')
    AND EXISTS (
        SELECT 1
        FROM (SELECT unnest(from_json($methods, '[["VARCHAR"]]')) AS m)
        WHERE m[1] IS NOT DISTINCT FROM a.lang
            AND m[2] IS NOT DISTINCT FROM t.engines_asked
            AND m[3] IS NOT DISTINCT FROM t.gate_version
            AND m[4] IS NOT DISTINCT FROM t.glossary_version
    )
ORDER BY a.published_at DESC, a.article_id
LIMIT $most
