COPY ({select}) TO {target} (FORMAT parquet, COMPRESSION zstd)
