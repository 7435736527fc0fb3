SELECT DISTINCT beat FROM article_beats ORDER BY beat
