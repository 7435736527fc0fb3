-- In how many of some rows (JSON) each term (t), name (n) and number (d) stands; once is the rule and left out.
WITH held AS (
    SELECT terms, names, numbers FROM article_features WHERE rowid IN (SELECT unnest($rows::JSON::BIGINT[]))
)
SELECT 't' AS kind, word, count(*) AS articles FROM (SELECT unnest(terms) AS word FROM held)
GROUP BY word HAVING count(*) > 1
UNION ALL
SELECT 'n', word, count(*) FROM (SELECT unnest(names) AS word FROM held)
GROUP BY word HAVING count(*) > 1
UNION ALL
SELECT 'd', word, count(*) FROM (SELECT unnest(numbers) AS word FROM held)
GROUP BY word HAVING count(*) > 1
