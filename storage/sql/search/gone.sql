-- Documents of the index before that are no longer there, or read differently now.
SELECT b.article_id
FROM search_before b
LEFT JOIN search_now n ON n.article_id = b.article_id AND n.fingerprint = b.fingerprint
WHERE n.article_id IS NULL
ORDER BY b.article_id
