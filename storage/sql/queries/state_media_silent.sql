-- What did government-aligned outlets leave out that several others covered?
-- Stories on a beat with at least two independent texts by other outlets and none by a government-aligned one.
-- days_watched: days of the story on which government-aligned outlets were polled, one for each; 0: it is older than the
-- first poll, and they may have written. government_not_whole: those that were down or had a gap on such a day.
WITH government AS (
    SELECT d.source_id, d.day_caracas, d.state FROM v_source_days d WHERE d.alignment = 'government'
)
SELECT
    s.story_id,
    s.title,
    s.countries,
    s.source_count,
    s.voice_count_max,
    s.first_published_at,
    count(g.source_id) AS days_watched,
    count(DISTINCT g.source_id) FILTER (WHERE g.state <> 'complete') AS government_not_whole
FROM v_stories s
LEFT JOIN government g
    ON g.day_caracas BETWEEN timezone('America/Caracas', s.first_published_at)::DATE
    AND timezone('America/Caracas', s.last_published_at)::DATE
WHERE len(s.beats) > 0
    AND s.voice_count_max >= 2
    AND EXISTS (FROM sources WHERE alignment = 'government')
    AND NOT EXISTS (FROM v_articles v WHERE v.story_id = s.story_id AND v.alignment = 'government')
GROUP BY ALL
ORDER BY s.source_count DESC, s.first_published_at, s.story_id
