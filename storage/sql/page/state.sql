-- How fresh is this database, how much does it hold, and which outlets are not being heard?
SELECT
    n.data_through,
    n.last_run_at,
    (SELECT min(day_caracas) FROM day_facts) AS first_day,
    (SELECT max(day_caracas) FROM day_facts) AS last_day,
    (SELECT coalesce(sum(article_count), 0)::BIGINT FROM day_facts) AS article_count,
    (SELECT count(*) FROM story_facts) AS story_count,
    (SELECT count(*) FROM sources) AS source_count,
    (
        SELECT coalesce(list(d.name ORDER BY d.name), [])
        FROM (
            SELECT any_value(s.name) AS name
            FROM feeds f
            JOIN sources s ON s.source_id = f.source_id
            GROUP BY f.source_id
            HAVING bool_and(f.failures > 0)
        ) d
    ) AS sources_down,
    (SELECT coalesce(bool_or(fictional), false) FROM sources) AS fictional
FROM v_snapshot n
