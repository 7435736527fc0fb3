-- A translation that failed its checks is shown nowhere: the row stays, its words do not.
INSERT INTO {target} BY NAME
SELECT * REPLACE (
    CASE WHEN status <> 'quarantined' THEN title END AS title,
    CASE WHEN status <> 'quarantined' THEN text END AS text
)
FROM {source}
