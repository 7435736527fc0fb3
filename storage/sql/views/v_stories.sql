-- One row per story that has a member now; everything counted is counted over its current members.
CREATE OR REPLACE VIEW v_stories AS
WITH members AS (
    SELECT
        v.story_id,
        list_sort(list(DISTINCT v.country)) AS countries,
        list_sort(list(DISTINCT v.lang)) AS languages,
        count(DISTINCT v.source_id) AS source_count,
        count(*) AS article_count,
        greatest(1, count(DISTINCT v.text_group_id) FILTER (WHERE v.kind = 'full')) AS voice_count_min,
        count(DISTINCT v.text_group_id) AS voice_count_max,
        min(v.published_by) AS first_published_at,
        max(v.published_by) AS last_published_at,
        min(v.first_seen_at) AS first_seen_at,
        max(v.first_seen_at) AS last_seen_at,
        list_sort(list_distinct(flatten(list(v.beats)))) AS beats,
        bool_or(v.fictional) AS fictional
    FROM v_articles v
    WHERE v.story_id IS NOT NULL
    GROUP BY v.story_id
),
subjects AS (
    SELECT
        st.story_id,
        list(st.topic_id ORDER BY st.score DESC, st.topic_id) AS topics,
        list(coalesce(tp.name_en, st.topic_id) ORDER BY st.score DESC, st.topic_id) AS topic_names_en,
        list(coalesce(tp.name_es, st.topic_id) ORDER BY st.score DESC, st.topic_id) AS topic_names_es
    FROM story_topics st
    LEFT JOIN topics tp ON tp.topic_id = st.topic_id
    GROUP BY st.story_id
),
refused AS (
    SELECT m.story_id, list(t.title) AS titles
    FROM translations t
    JOIN story_articles m ON m.article_id = t.article_id
    WHERE t.target = 'en' AND t.status = 'quarantined' AND t.title IS NOT NULL
    GROUP BY m.story_id
)
SELECT
    s.story_id,
    CASE
        WHEN s.title_en_origin = 'machine' AND list_contains(r.titles, s.title_en) THEN NULL
        ELSE s.title_en
    END AS title_en,
    s.title_es,
    -- An outlet's own words: in English where a member has them, else in Spanish, else the lead article's
    coalesce(CASE WHEN s.title_en_origin = 'member' THEN s.title_en END, s.title_es, a.title) AS title,
    s.title_en_origin,
    s.title_es_origin,
    m.countries,
    m.languages,
    m.beats,
    m.source_count,
    m.article_count,
    m.voice_count_min,
    m.voice_count_max,
    coalesce(j.topics, []) AS topics,
    coalesce(j.topic_names_en, []) AS topic_names_en,
    coalesce(j.topic_names_es, []) AS topic_names_es,
    m.first_published_at,
    m.last_published_at,
    m.first_seen_at,
    m.last_seen_at,
    s.lead_article_id,
    m.fictional
FROM stories s
JOIN members m ON m.story_id = s.story_id
LEFT JOIN subjects j ON j.story_id = s.story_id
LEFT JOIN refused r ON r.story_id = s.story_id
LEFT JOIN articles a ON a.article_id = s.lead_article_id;

COMMENT ON VIEW v_stories IS 'One row per story with its current members counted.';
COMMENT ON COLUMN v_stories.title IS 'A title in an outlet''s own words, never a machine''s: English where there is one, else Spanish, else the lead article''s.';
COMMENT ON COLUMN v_stories.countries IS 'Countries of the outlets that cover it, ISO 3166-1 alpha-2, sorted.';
COMMENT ON COLUMN v_stories.languages IS 'Languages it is covered in, BCP 47, sorted.';
COMMENT ON COLUMN v_stories.beats IS 'Beats of any member, sorted.';
COMMENT ON COLUMN v_stories.source_count IS 'Outlets that cover it.';
COMMENT ON COLUMN v_stories.article_count IS 'Articles in it.';
COMMENT ON COLUMN v_stories.voice_count_min IS 'Different full texts when copies are folded, at least 1: feed-only articles are taken for copies.';
COMMENT ON COLUMN v_stories.voice_count_max IS 'Different texts when copies are folded and each feed-only article counts for itself.';
COMMENT ON COLUMN v_stories.topics IS 'topic_ids, strongest first.';
COMMENT ON COLUMN v_stories.topic_names_en IS 'Their English names, in the same order.';
COMMENT ON COLUMN v_stories.topic_names_es IS 'Their Spanish names, in the same order.';
COMMENT ON COLUMN v_stories.first_published_at IS 'By when the first member was out (UTC): a date without a time counts as the end of its day.';
COMMENT ON COLUMN v_stories.last_published_at IS 'By when the last member was out (UTC), by the same rule.';
COMMENT ON COLUMN v_stories.fictional IS 'True for stories of the demonstration''s invented outlets.';
