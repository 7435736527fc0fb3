-- Which days before and after it have articles?
SELECT
    max(day_caracas) FILTER (WHERE day_caracas < $day::DATE) AS before,
    min(day_caracas) FILTER (WHERE day_caracas > $day::DATE) AS after
FROM day_facts
