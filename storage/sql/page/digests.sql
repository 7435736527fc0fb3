-- Which morning digests were made, newest first, and what did they say?
SELECT
    d.digest_id,
    d.morning,
    d.beat,
    d.state,
    d.note,
    d.data_through,
    d.generated_at,
    d.sent_at,
    coalesce(i.stories, 0) AS stories,
    coalesce(i.changes, 0) AS changes,
    coalesce(i.found, 0) AS found,
    i.first_title,
    len(d.sources_down) AS down,
    count(*) OVER () AS total
FROM digests d
LEFT JOIN (
    SELECT
        digest_id,
        count(*) FILTER (WHERE kind = 'story') AS stories,
        count(*) FILTER (WHERE kind IN ('merged', 'split')) AS changes,
        count(*) FILTER (WHERE kind = 'watch') AS found,
        arg_min(title, rank) FILTER (WHERE kind = 'story') AS first_title
    FROM digest_items
    GROUP BY digest_id
) i ON i.digest_id = d.digest_id
ORDER BY d.morning DESC, d.beat
LIMIT $limit OFFSET $offset
