-- How many articles were published in a period.
SELECT count(*) FROM articles WHERE published_at BETWEEN $start AND $end
