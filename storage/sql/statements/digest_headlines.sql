-- What each group of outlets put over each story until the digest is due: one headline a text, those of the morning's
-- window first. Copies are the group's other articles with the same text.
WITH grouped AS (
    SELECT
        *,
        (timezone('America/Caracas', published_by) - to_minutes($minutes::BIGINT))::DATE + 1 = $morning::DATE AS fresh
    FROM v_articles
    WHERE story_id IN (SELECT unnest($stories::JSON::VARCHAR[]))
        AND (timezone('America/Caracas', published_by) - to_minutes($minutes::BIGINT))::DATE + 1 <= $morning::DATE
),
texts AS (
    SELECT *, count(*) OVER (PARTITION BY story_id, outlet_group, text_group_id) - 1 AS copies
    FROM grouped
    QUALIFY row_number() OVER (
        PARTITION BY story_id, outlet_group, text_group_id ORDER BY published_by, article_id
    ) = 1
)
SELECT
    story_id, outlet_group, title, title_en, translation_engine, source_name, country,
    CASE WHEN agency <> source_id THEN coalesce((SELECT name FROM sources WHERE sources.source_id = agency), agency) END
        AS agency,
    url, genre, published_at, published_precision, copies, fresh
FROM texts
QUALIFY row_number() OVER (
    PARTITION BY story_id, outlet_group
    ORDER BY fresh DESC, genre <> 'opinion' DESC, kind = 'full' DESC, copies DESC, published_by, article_id
) <= 3
ORDER BY story_id, outlet_group, fresh DESC, published_at, title
