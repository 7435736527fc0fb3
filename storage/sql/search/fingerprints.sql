CREATE OR REPLACE TEMP TABLE search_now AS SELECT article_id, fingerprint FROM search_document;
