-- The vectors of title and lead of some rows (JSON), a number a line: as flat columns they are read several times as fast
-- as in lists. Each row has $size lines; where there is no vector they are zero.
SELECT row, unnest(title_vector) AS title, unnest(lead_vector) AS lead
FROM (
    SELECT
        rowid AS row,
        list_resize(title_vector, $size, 0) AS title_vector,
        list_resize(lead_vector, $size, 0) AS lead_vector
    FROM article_features
    WHERE rowid IN (SELECT unnest($rows::JSON::BIGINT[]))
)
