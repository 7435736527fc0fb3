CREATE OR REPLACE TEMP TABLE search_before AS SELECT article_id, fingerprint FROM search_now WHERE false;
