-- Which figures differ between the texts of one story?
-- The same word after different numbers, in texts that are not copies of each other and share no number for it:
-- "11 heridos" here, "13 heridos" there. Texts are compared within one language, as the outlets wrote them. A lead to
-- check, no verdict: 1,140 trains cancelled and 560 that run are both true. Not seen here: numbers in words ("cinco
-- españoles"), nouns behind two adjectives, millions ("1,1 millones"), other words for the same (liberados,
-- excarcelados). The page of a story (Figures reported) reads numbers in words too, but looks at one story at a time.
WITH texts AS (
    SELECT
        story_id,
        lang,
        text_group_id,
        source_id,
        -- 1.140 and 1,140 are one figure; 4,9 and 4.9 too
        regexp_replace(
            regexp_replace(title || '. ' || text, '(\d)[.,](\d{3})\b', '\1\2', 'g'), '(\d),(\d)', '\1.\2', 'g'
        ) AS words
    FROM v_articles
    WHERE story_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY story_id, lang, text_group_id ORDER BY published_by, article_id) = 1
),
found AS (
    SELECT * EXCLUDE (words), unnest(regexp_extract_all(words, '\d+(?:\.\d+)? (?:de )?[[:alpha:]áéíóúñü]{4,}')) AS figure
    FROM texts
),
split AS (
    SELECT
        * EXCLUDE (figure),
        regexp_extract(figure, '^\d+(?:\.\d+)?')::DOUBLE AS number,
        -- its first six letters: heridos and herido, contratos and contrataciones
        left(strip_accents(lower(regexp_extract(figure, '[[:alpha:]áéíóúñü]{4,}$'))), 6) AS word
    FROM found
),
said AS (
    SELECT story_id, lang, word, text_group_id, any_value(source_id) AS source_id, list_sort(list(DISTINCT number)) AS numbers
    FROM split
    -- dates, spans of time and little words are no figures of the event
    WHERE word NOT IN (
        'enero', 'febrer', 'marzo', 'abril', 'mayo', 'junio', 'julio', 'agosto', 'septie', 'octubr', 'noviem', 'diciem',
        'januar', 'februa', 'march', 'april', 'june', 'july', 'august', 'septem', 'octobe', 'novemb', 'decemb',
        'anos', 'years', 'year', 'horas', 'hours', 'hour', 'dias', 'days', 'minuto', 'minute', 'that', 'from', 'with',
        'para', 'desde', 'hasta', 'sobre', 'cuando', 'pero', 'when', 'after', 'and'
    )
    GROUP BY story_id, lang, word, text_group_id
),
differing AS (
    SELECT DISTINCT a.story_id, a.lang, a.word
    FROM said a
    JOIN said b
        ON b.story_id = a.story_id AND b.lang = a.lang AND b.word = a.word AND b.text_group_id > a.text_group_id
        AND NOT list_has_any(a.numbers, b.numbers)
)
SELECT
    f.story_id,
    s.title,
    f.lang,
    f.word,
    count(*) AS texts,
    regexp_replace(
        string_agg(f.source_id || ': ' || array_to_string(f.numbers, ' '), '; ' ORDER BY f.numbers, f.source_id), '\.0\b', '', 'g'
    ) AS figures
FROM said f
JOIN differing d ON d.story_id = f.story_id AND d.lang = f.lang AND d.word = f.word
JOIN v_stories s ON s.story_id = f.story_id
GROUP BY f.story_id, s.title, f.lang, f.word
ORDER BY texts DESC, f.story_id, f.lang, f.word
