-- Languages of which more texts wait for a translation since a day or longer than is allowed.
SELECT v.lang, count(*) AS waiting, min(v.first_seen_at) AS oldest
FROM v_articles v
WHERE v.translation_status = 'pending'
    AND v.first_seen_at < $now::TIMESTAMPTZ - INTERVAL 24 HOUR
    AND v.lang IN (SELECT unnest($languages::JSON::VARCHAR[]))
GROUP BY v.lang
HAVING count(*) > $most::BIGINT
ORDER BY v.lang
