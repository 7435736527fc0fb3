COPY search_now TO {file} (FORMAT parquet)
