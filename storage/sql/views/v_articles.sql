-- One row per article with all that is usually joined for. Every joined table has one row per article here.
CREATE OR REPLACE VIEW v_articles AS
SELECT
    a.article_id,
    a.source_id,
    s.name AS source_name,
    a.country,
    a.lang,
    a.title,
    CASE
        WHEN a.lang = 'en' OR a.lang LIKE 'en-%' THEN a.title
        WHEN t.status IN ('ok', 'partial') THEN t.title
    END AS title_en,
    a.summary,
    a.text,
    CASE
        WHEN a.lang = 'en' OR a.lang LIKE 'en-%' THEN a.text
        WHEN t.status IN ('ok', 'partial') THEN t.text
    END AS text_en,
    CASE
        WHEN a.lang = 'en' OR a.lang LIKE 'en-%' THEN 'not_needed'
        ELSE coalesce(t.status, 'pending')
    END AS translation_status,
    CASE WHEN t.status IN ('ok', 'partial') THEN t.engine END AS translation_engine,
    a.authors,
    a.agency,
    a.kind,
    a.genre,
    a.beats,
    a.published_at,
    a.published_at_origin,
    a.published_precision,
    CASE
        WHEN a.published_precision = 'day'
            THEN timezone(
                coalesce(s.timezone, 'UTC'),
                date_trunc('day', timezone(coalesce(s.timezone, 'UTC'), a.published_at)) + INTERVAL 1 DAY
            )
        ELSE a.published_at
    END AS published_by,
    timezone('America/Caracas', a.published_at)::DATE AS day_caracas,
    a.modified_at,
    a.first_seen_at,
    a.backfill,
    a.word_count,
    a.version,
    a.url,
    a.canonical_url,
    m.story_id,
    coalesce(c.text_group_id, 't' || left(sha256(a.article_id), 20)) AS text_group_id,
    c.original_article_id,
    c.kind AS copy_kind,
    s.media_type,
    s.ownership,
    s.owner_group,
    s.alignment,
    s.alignment_status,
    s.outlet_group,
    s.panel,
    coalesce(s.fictional, false) AS fictional,
    a.entry_id,
    a.page_id,
    a.extractor,
    a.lang_origin,
    a.title_origin,
    a.text_sha256
FROM articles a
LEFT JOIN v_outlets s ON s.source_id = a.source_id
LEFT JOIN translations t ON t.article_id = a.article_id AND t.target = 'en'
LEFT JOIN copies c ON c.article_id = a.article_id
LEFT JOIN story_articles m ON m.article_id = a.article_id;

COMMENT ON VIEW v_articles IS 'One row per article: original text, English text where its checks passed, outlet, story and copy group.';
COMMENT ON COLUMN v_articles.source_name IS 'The outlet''s own name.';
COMMENT ON COLUMN v_articles.title_en IS 'English title: the original of an English article, else the translation if it passed its checks. NULL: none to show.';
COMMENT ON COLUMN v_articles.text_en IS 'English text, by the same rule as title_en.';
COMMENT ON COLUMN v_articles.translation_status IS 'ok, partial, quarantined (failed its checks, not shown), pending or not_needed.';
COMMENT ON COLUMN v_articles.translation_engine IS 'Engine of the English shown: argos, or apertium (gist quality). NULL: no machine translation is shown.';
COMMENT ON COLUMN v_articles.published_by IS 'Latest time it can have been published (UTC): for precision day the end of the outlet''s local day, else published_at. Compare by this.';
COMMENT ON COLUMN v_articles.day_caracas IS 'Calendar day of published_at in Caracas.';
COMMENT ON COLUMN v_articles.story_id IS 'The story it belongs to now. NULL: not placed yet.';
COMMENT ON COLUMN v_articles.text_group_id IS 'Shared by all copies of one text, so count(DISTINCT text_group_id) counts voices.';
COMMENT ON COLUMN v_articles.original_article_id IS 'The article it repeats. NULL: it repeats none, or the original is not held.';
COMMENT ON COLUMN v_articles.copy_kind IS 'verbatim, cut, edited or translated. NULL: not a copy.';
COMMENT ON COLUMN v_articles.alignment_status IS 'unverified (alignment is only a claim), evidenced (sources.evidence says why). NULL: no alignment recorded.';
COMMENT ON COLUMN v_articles.outlet_group IS 've_government (Venezuelan, owned by the state or declared government-aligned), ve_independent (declared independent of it or opposed to it), ve_mixed (mixed, or nothing declared), es, us or other.';
