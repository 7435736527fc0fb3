-- What was: rows of the tables below as they were before they were changed or deleted. Append-only.
-- The main tables hold current rows only, so a join with them never multiplies.
CREATE SCHEMA log;

CREATE TABLE log.translations AS SELECT *, NULL::TIMESTAMPTZ AS superseded_at FROM translations LIMIT 0;
CREATE TABLE log.copies AS SELECT *, NULL::TIMESTAMPTZ AS superseded_at FROM copies LIMIT 0;
CREATE TABLE log.stories AS SELECT *, NULL::TIMESTAMPTZ AS superseded_at FROM stories LIMIT 0;
CREATE TABLE log.story_articles AS SELECT *, NULL::TIMESTAMPTZ AS superseded_at FROM story_articles LIMIT 0;
CREATE TABLE log.article_topics AS SELECT *, NULL::TIMESTAMPTZ AS superseded_at FROM article_topics LIMIT 0;
CREATE TABLE log.article_beats AS SELECT *, NULL::TIMESTAMPTZ AS superseded_at FROM article_beats LIMIT 0;
