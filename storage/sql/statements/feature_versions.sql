-- Which wording of which article has features, and by which method.
SELECT article_id, text_sha256, method_version FROM article_features
