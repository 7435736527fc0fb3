-- The beginnings of the English texts that may be shown. Materialised, as in found.sql.
WITH t AS MATERIALIZED (
    SELECT article_id, target, status, left(text, 20000) AS text FROM translations WHERE article_id IN ({ids})
)
SELECT article_id, text FROM t WHERE target = 'en' AND status IN ('ok', 'partial') AND text IS NOT NULL
