-- Which of some rows (JSON) hold which of $terms and $names (JSON), the word with t: or n: before it.
WITH held AS (
    SELECT article_id, terms, names FROM article_features WHERE rowid IN (SELECT unnest($rows::JSON::BIGINT[]))
)
SELECT article_id, 't:' || word AS word
FROM (SELECT article_id, unnest(terms) AS word FROM held)
SEMI JOIN (SELECT unnest($terms::JSON::VARCHAR[]) AS word) USING (word)
UNION ALL
SELECT article_id, 'n:' || word
FROM (SELECT article_id, unnest(names) AS word FROM held)
SEMI JOIN (SELECT unnest($names::JSON::VARCHAR[]) AS word) USING (word)
