-- Stories of the beat that were merged or split since: articles that were in one story then and are in another now.
SELECT
    CASE WHEN live.story_id IS NULL THEN 'merged' ELSE 'split' END AS change,
    l.story_id AS old_story_id,
    coalesce(live.title, (
        SELECT max_by(coalesce(p.title_en, p.title_es), p.superseded_at)
        FROM log.stories p
        WHERE p.story_id = l.story_id
    )) AS old_title,
    m.story_id,
    s.title,
    count(DISTINCT l.article_id) AS article_count
FROM log.story_articles l
JOIN story_articles m ON m.article_id = l.article_id
JOIN v_stories s ON s.story_id = m.story_id
LEFT JOIN v_stories live ON live.story_id = l.story_id
LEFT JOIN story_aliases a ON a.alias_id = l.story_id
WHERE l.superseded_at > $since::TIMESTAMPTZ
    AND l.story_id <> m.story_id
    AND a.reason IS DISTINCT FROM 'renamed'  -- the same story under the id of an earlier first report
    AND (list_contains(s.beats, $beat) OR list_contains(live.beats, $beat))
GROUP BY ALL
ORDER BY article_count DESC, old_story_id, m.story_id
LIMIT 20
