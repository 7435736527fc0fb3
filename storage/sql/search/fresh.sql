-- Documents that the index before does not have, or has in other words.
SELECT d.article_id, d.source_id, d.country, d.lang, d.title, d.text, d.title_en, d.text_en, d.topics, d.beats, d.published
FROM search_document d
WHERE d.article_id IN (
    SELECT n.article_id
    FROM search_now n
    LEFT JOIN search_before b ON b.article_id = n.article_id AND b.fingerprint = n.fingerprint
    WHERE b.article_id IS NULL
)
