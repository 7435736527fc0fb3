-- What the full-text index holds of each article, from the snapshot that is being published: so English that failed its
-- checks is not in it, and nothing in it is older or newer than what v_articles shows. One row per article.
CREATE OR REPLACE TEMP VIEW search_document AS
WITH tagged AS (
    SELECT article_id, list_sort(list(topic_id)) AS topics FROM article_topics GROUP BY article_id
),
documents AS (
    SELECT
        v.article_id,
        v.source_id,
        v.country,
        v.lang,
        -- An English original is searched as English only
        CASE WHEN v.lang = 'en' OR v.lang LIKE 'en-%' THEN '' ELSE v.title END AS title,
        CASE WHEN v.lang = 'en' OR v.lang LIKE 'en-%' THEN '' ELSE v.text END AS text,
        coalesce(v.title_en, '') AS title_en,
        coalesce(v.text_en, '') AS text_en,
        coalesce(t.topics, []) AS topics,
        v.beats,
        epoch_us(v.published_at) AS published
    FROM v_articles v
    LEFT JOIN tagged t ON t.article_id = v.article_id
)
SELECT
    *,
    md5(concat_ws(chr(31), source_id, country, lang, title, text, title_en, text_en, topics, beats, published)) AS fingerprint
FROM documents;
