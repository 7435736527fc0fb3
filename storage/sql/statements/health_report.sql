-- Every outlet with a feed that is not heard as it should be, the worst first.
SELECT source_id, source_name, country, state, failing_feed_count, feed_count, failures, last_ok_at, last_reasons, proposed_urls
FROM v_source_health
WHERE state IN ('down', 'failing', 'never_polled') OR len(proposed_urls) > 0
ORDER BY state = 'down' DESC, state = 'failing' DESC, failures DESC, source_id
