-- The articles published in a period that have features, in the order of their ids, with the number of their row there:
-- what else is asked of them is then read from those rows alone, not gone through for the whole archive.
SELECT
    f.rowid AS row,
    article_id,
    split_part(lang, '-', 1) AS lang,
    epoch(published_at) AS published,
    epoch(published_at) + CASE WHEN published_precision = 'day' THEN 43200 ELSE 0 END AS middle
FROM article_features f
JOIN articles USING (article_id)
WHERE published_at >= $start AND published_at < $end
ORDER BY article_id
