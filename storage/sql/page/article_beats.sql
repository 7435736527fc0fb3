-- Which beats is it on, and which terms say so?
SELECT beat, score, evidence FROM article_beats WHERE article_id = $article ORDER BY beat
