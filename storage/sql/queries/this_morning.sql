-- What belongs into this morning's briefing?
-- The last 07:00 to 07:00 (Caracas) that is over when the newest article held came out; the digest's ends at [digest] at,
-- 06:30. new_ counts what came out in it, new_voice_count the different texts; voice_count_ the whole story so far.
SELECT
    m.morning,
    m.story_id,
    m.title,
    m.is_new,
    m.new_article_count,
    m.new_source_count,
    m.new_voice_count,
    m.countries,
    m.voice_count_min,
    m.voice_count_max,
    m.topic_names_en
FROM v_morning m
JOIN v_snapshot n ON m.morning = (timezone('America/Caracas', n.data_through) - INTERVAL 7 HOUR)::DATE
ORDER BY m.new_source_count DESC, m.new_article_count DESC, m.story_id
