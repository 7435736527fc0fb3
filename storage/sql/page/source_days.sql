-- How well was an outlet watched, and how much did it publish, day by day?
SELECT day_caracas, polls_due, polls_ok, possible_gap, state, article_count
FROM source_day_facts
WHERE source_id = $source
ORDER BY day_caracas DESC
LIMIT 30
