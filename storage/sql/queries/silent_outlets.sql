-- Which outlets cannot be heard, since when, and why?
-- hours_silent counts to the last poll of any outlet, not to now. A proposed address waits for a person to confirm it.
SELECT
    h.source_id,
    h.source_name,
    h.country,
    h.state,
    h.failing_feed_count,
    h.feed_count,
    h.last_reasons,
    h.last_ok_at,
    date_diff('hour', h.last_ok_at, n.last_poll_at) AS hours_silent,
    h.proposed_urls,
    h.last_published_at
FROM v_source_health h
CROSS JOIN v_snapshot n
WHERE h.state <> 'ok'
ORDER BY h.state, h.country, h.source_id
