-- The same documents, in whatever order they came, have the same version.
SELECT
    's' || substr(md5($format || coalesce(bit_xor(md5_number(article_id || fingerprint)), 0) || '/' || count(*)), 1, 20),
    count(*)
FROM search_now
