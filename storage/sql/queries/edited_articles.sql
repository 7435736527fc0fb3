-- Which published articles were edited, and what did the edit change?
-- One row per wording after the first, beside the one before it. An edit between two polls of ours is not seen.
WITH wordings AS (
    SELECT
        *,
        lag(title) OVER each_article AS title_before,
        lag(text) OVER each_article AS text_before,
        min(seen_at) OVER (PARTITION BY article_id) AS first_wording_at
    FROM article_versions
    WINDOW each_article AS (PARTITION BY article_id ORDER BY version)
)
SELECT
    w.article_id,
    v.source_id,
    v.story_id,
    w.version,
    w.title <> w.title_before AS title_changed,
    w.title_before,
    w.title,
    len(string_split_regex(trim(w.text), '\s+')) - len(string_split_regex(trim(w.text_before), '\s+')) AS words_more,
    w.modified_at,
    w.seen_at,
    v.url
FROM wordings w
JOIN v_articles v ON v.article_id = w.article_id
WHERE w.title_before IS NOT NULL
ORDER BY w.seen_at DESC, w.article_id, w.version
