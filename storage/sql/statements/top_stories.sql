-- The stories most sources cover, for the summary of a run: on a beat first, then by sources and articles.
SELECT
    s.story_id,
    -- an outlet's own words before a machine's: this line is for people who read both languages
    coalesce(
        CASE WHEN s.title_en_origin = 'member' THEN s.title_en END, s.title_es, s.title_en, min(a.title)
    ) AS title,
    list_sort(list(DISTINCT a.country)) AS countries,
    list_sort(list(DISTINCT a.lang)) AS languages,
    count(*) AS articles,
    count(DISTINCT a.source_id) AS sources
FROM stories s
JOIN story_articles m USING (story_id)
JOIN articles a USING (article_id)
GROUP BY s.story_id, s.title_en, s.title_es, s.title_en_origin
ORDER BY bool_or(len(a.beats) > 0) DESC, sources DESC, articles DESC, s.story_id
LIMIT 10
