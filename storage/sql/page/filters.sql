-- Which countries and languages of outlets are there to choose from?
SELECT
    (SELECT coalesce(list(c.country ORDER BY c.n DESC, c.country), [])
        FROM (SELECT country, sum(article_count) AS n FROM day_facts GROUP BY country) c) AS countries,
    (SELECT coalesce(list(DISTINCT l.lang ORDER BY l.lang), [])
        FROM (SELECT unnest(languages) AS lang FROM story_facts WHERE last_published_at >= (SELECT max(last_published_at) FROM story_facts) - INTERVAL 30 DAY) l) AS languages,
    (SELECT coalesce(list(DISTINCT b.beat ORDER BY b.beat), []) FROM article_beats b) AS beats
