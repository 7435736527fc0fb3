-- What is an outlet, and how is it being heard?
SELECT
    s.source_id,
    s.name AS source_name,
    s.country,
    s.languages,
    s.homepage,
    s.media_type,
    s.ownership,
    s.owner_group,
    s.alignment,
    s.evidence,
    s.based_in,
    s.timezone,
    s.paywall,
    s.panel,
    s.verified_at,
    s.fictional,
    h.state,
    h.feed_count,
    h.failing_feed_count,
    h.last_reasons,
    h.last_polled_at,
    h.last_ok_at,
    h.entry_count,
    h.pending_count,
    h.article_count,
    h.full_count,
    h.last_published_at
FROM sources s
JOIN source_facts h ON h.source_id = s.source_id
WHERE s.source_id = $source
