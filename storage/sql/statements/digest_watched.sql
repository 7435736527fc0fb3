-- How many outlets of each group were heard on the two days of the morning? The silence of a group without a row says nothing.
SELECT outlet_group, count(DISTINCT source_id) AS source_count
FROM v_source_days
WHERE day_caracas BETWEEN $morning::DATE - 1 AND $morning::DATE AND state <> 'down'
GROUP BY outlet_group
ORDER BY outlet_group
