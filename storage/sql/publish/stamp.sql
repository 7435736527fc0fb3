INSERT INTO news.main.snapshot VALUES ($published_at, $search_version, $edition)
