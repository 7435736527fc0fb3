-- What is amiss now.
SELECT kind, subject, words, since, sent_at
FROM alerts
WHERE ended_at IS NULL
ORDER BY since, alert_id
