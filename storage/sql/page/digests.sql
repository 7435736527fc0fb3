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
    coalesce(s.title, i.first_title) AS title,
    s.title_en,
    s.title_es,
    s.title_en_origin,
    s.title_es_origin,
    len(d.sources_down) AS down,
    count(*) OVER () AS total
FROM digests d
LEFT JOIN (
    SELECT
        digest_id,
        count(*) FILTER (WHERE kind = 'story') AS stories,
        count(*) FILTER (WHERE kind IN ('merged', 'split')) AS changes,
        count(*) FILTER (WHERE kind = 'watch') AS found,
        arg_min(title, rank) FILTER (WHERE kind = 'story') AS first_title,
        arg_min(item_id, rank) FILTER (WHERE kind = 'story') AS first_story
    FROM digest_items
    GROUP BY digest_id
) i ON i.digest_id = d.digest_id
LEFT JOIN story_facts s ON s.story_id = i.first_story
ORDER BY d.morning DESC, d.beat
LIMIT $limit OFFSET $offset
