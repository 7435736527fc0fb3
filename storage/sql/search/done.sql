DROP VIEW IF EXISTS temp.search_document;
DROP TABLE IF EXISTS temp.search_now;
DROP TABLE IF EXISTS temp.search_before;
