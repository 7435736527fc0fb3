-- The vectors of the articles published in a period, and what tells which of them may meet; no texts. Which rows is
-- asked first, so that the vectors of the archive are not gone through.
WITH inside AS (
    SELECT
        article_id,
        epoch(published_at) + CASE WHEN published_precision = 'day' THEN 43200 ELSE 0 END AS seconds,
        split_part(lang, '-', 1) AS lang
    FROM articles
    WHERE published_at >= $start AND published_at < $end
)
SELECT article_id, seconds, lang, title_vector, lead_vector
FROM (
    SELECT article_id, title_vector, lead_vector
    FROM article_features
    WHERE rowid IN (SELECT rowid FROM article_features WHERE article_id IN (SELECT article_id FROM inside))
)
JOIN inside USING (article_id)
