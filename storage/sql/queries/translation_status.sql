-- How much is there in English, by which engine, and what waits or failed?
-- partial: some sentences stay in their own language. quarantined: failed its checks, not shown.
SELECT
    lang,
    translation_status,
    translation_engine,
    count(*) AS articles,
    sum(word_count)::BIGINT AS words,
    round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY lang), 1) AS percent_of_language
FROM v_articles
GROUP BY lang, translation_status, translation_engine
ORDER BY lang, articles DESC, translation_status, translation_engine
