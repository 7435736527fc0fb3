-- The morning briefing: stories on a beat with an article that came out between 07:00 and 07:00, Caracas time.
CREATE OR REPLACE VIEW v_morning AS
WITH fresh AS (
    SELECT
        story_id,
        (timezone('America/Caracas', published_by) - INTERVAL 7 HOUR)::DATE + 1 AS morning,
        count(*) AS new_article_count,
        count(DISTINCT source_id) AS new_source_count,
        count(DISTINCT text_group_id) AS new_voice_count
    FROM v_articles
    WHERE story_id IS NOT NULL
    GROUP BY ALL
)
SELECT
    f.morning,
    f.new_article_count,
    f.new_source_count,
    f.new_voice_count,
    (timezone('America/Caracas', s.first_published_at) - INTERVAL 7 HOUR)::DATE + 1 = f.morning AS is_new,
    s.*
FROM fresh f
JOIN v_stories s ON s.story_id = f.story_id
WHERE len(s.beats) > 0;

COMMENT ON VIEW v_morning IS 'Stories on a beat by morning: those with an article out between 07:00 of the day before and 07:00 Caracas time. One row per morning and story; take one with WHERE morning = DATE ''2026-01-09''.';
COMMENT ON COLUMN v_morning.morning IS 'The day on whose 07:00 (Caracas) the window ends.';
COMMENT ON COLUMN v_morning.new_article_count IS 'Articles of the story that came out in the window.';
COMMENT ON COLUMN v_morning.new_source_count IS 'Outlets they come from.';
COMMENT ON COLUMN v_morning.new_voice_count IS 'Different texts among them: copies are folded, each feed-only article counts for itself.';
COMMENT ON COLUMN v_morning.is_new IS 'True when the story itself began in the window.';
