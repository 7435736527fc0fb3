COPY ({select}) TO {target} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day_caracas), FILENAME_PATTERN 'articles')
