-- What the digest rests on: the last run that was through, articles not placed yet, the last morning with a story,
-- when the digest before this one was made, how many outlets have a feed.
SELECT
    (SELECT max(started_at) FROM runs WHERE status = 'ok' AND command NOT LIKE 'enrich %') AS data_through,
    (SELECT count(*) FROM v_articles WHERE story_id IS NULL) AS unplaced,
    (SELECT max(morning) FROM v_morning WHERE list_contains(beats, $beat)) AS last_morning,
    (SELECT max(generated_at) FROM digests WHERE beat = $beat AND morning < $morning::DATE) AS said_before,
    (SELECT count(*) FROM v_source_health WHERE state <> 'no_feed') AS outlets
