-- By which methods the translations that are held were made.
SELECT DISTINCT a.lang, t.engines_asked, t.gate_version, t.glossary_version
FROM translations t JOIN articles a USING (article_id)
WHERE t.target = $target AND t.status IN ('ok', 'partial', 'quarantined')
ORDER BY ALL
