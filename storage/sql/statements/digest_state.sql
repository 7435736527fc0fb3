-- What the digest rests on: until when its news goes, the last run that came through, articles not placed yet, the last
-- morning with a story, when the digest before this one was made, how many outlets have a feed.
SELECT
    n.data_through,
    n.last_run_at,
    (SELECT count(*) FROM v_articles WHERE story_id IS NULL) AS unplaced,
    (SELECT max(morning) FROM v_morning WHERE list_contains(beats, $beat)) AS last_morning,
    (SELECT max(generated_at) FROM digests WHERE beat = $beat AND morning < $morning::DATE) AS said_before,
    (SELECT count(*) FROM v_source_health WHERE state <> 'no_feed') AS outlets
FROM v_snapshot n
