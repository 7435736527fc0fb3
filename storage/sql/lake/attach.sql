-- Nothing is kept in the catalogue itself: PostgreSQL takes no NUL in a text, and texts of pages may hold one.
ATTACH 'ducklake:postgres:' AS lake (
    META_SECRET 'catalogue',
    METADATA_SCHEMA {schema},
    DATA_PATH {data},
    DATA_INLINING_ROW_LIMIT 0,
    CREATE_IF_NOT_EXISTS {create}
)
