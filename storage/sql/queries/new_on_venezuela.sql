-- What is new on Venezuela since yesterday 07:00, Caracas time?
-- Yesterday is the day before the newest article held (v_snapshot.data_through): an old file answers as it did then.
-- A date without a time counts to the end of its day. One row per story with something new; is_new: it began since then.
WITH since AS (
    SELECT timezone('America/Caracas', timezone('America/Caracas', data_through)::DATE - INTERVAL 17 HOUR) AS at
    FROM v_snapshot
)
SELECT
    s.story_id,
    s.title,
    s.first_published_at >= any_value(w.at) AS is_new,
    count(*) AS new_articles,
    count(DISTINCT v.text_group_id) AS new_texts,
    list_sort(list(DISTINCT v.source_id)) AS new_from,
    list_sort(list(DISTINCT v.country)) AS countries,
    min(v.published_by) AS first_new_at,
    max(v.published_by) AS last_new_at
FROM v_articles v
JOIN since w ON v.published_by >= w.at
JOIN v_stories s ON s.story_id = v.story_id
WHERE list_contains(s.beats, 'venezuela')
GROUP BY s.story_id, s.title, s.first_published_at
ORDER BY is_new DESC, new_texts DESC, first_new_at, s.story_id
