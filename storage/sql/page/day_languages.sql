-- In which languages was it written?
SELECT lang AS language, count(*) AS article_count
FROM articles
WHERE published_at >= timezone('America/Caracas', $day::DATE::TIMESTAMP)
    AND published_at < timezone('America/Caracas', $day::DATE + INTERVAL 1 DAY)
GROUP BY lang
ORDER BY article_count DESC, lang
