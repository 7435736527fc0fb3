-- The beginnings of the English texts that may be shown. By rowid, as in texts.sql.
SELECT article_id, left(text, 20000)
FROM translations
WHERE rowid IN (
    SELECT rowid
    FROM translations
    WHERE article_id IN ({ids}) AND target = 'en' AND status IN ('ok', 'partial')
) AND text IS NOT NULL
