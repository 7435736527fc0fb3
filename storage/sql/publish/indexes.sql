-- A page asks for a few articles by their ids: with these it reads those rows alone, not all ids there are. After the
-- rows are in: an index that grows with them costs more. Snapshot only: tables of the warehouse have none.
CREATE INDEX articles_by_id ON articles(article_id);
CREATE INDEX translations_by_id ON translations(article_id);
CREATE INDEX story_facts_by_id ON story_facts(story_id);
