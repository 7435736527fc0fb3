CREATE OR REPLACE TEMP TABLE search_before AS SELECT article_id, fingerprint FROM read_parquet({file});
