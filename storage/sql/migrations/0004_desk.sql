-- What was said to readers: digests by morning, and the matches of the analysts' standing queries.
CREATE TABLE watches (
    watch_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    definition VARCHAR NOT NULL,
    version VARCHAR NOT NULL
);
CREATE TABLE watch_matches (
    watch_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    evidence VARCHAR[] NOT NULL,
    version VARCHAR NOT NULL,
    matched_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE digests (
    digest_id VARCHAR NOT NULL,
    morning DATE NOT NULL,
    beat VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    data_through TIMESTAMPTZ,
    generated_at TIMESTAMPTZ NOT NULL,
    sources_down VARCHAR[] NOT NULL,
    sent_at TIMESTAMPTZ
);
CREATE TABLE digest_items (
    digest_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    rank BIGINT NOT NULL,
    title VARCHAR NOT NULL,
    counts VARCHAR NOT NULL,
    detail VARCHAR
);

COMMENT ON TABLE watches IS 'Standing queries of analysts, as declared in watches.toml. One row each.';
COMMENT ON COLUMN watches.watch_id IS 'Id of the watch, as declared.';
COMMENT ON COLUMN watches.name IS 'What people call it.';
COMMENT ON COLUMN watches.definition IS 'What it asks for, as a JSON object: words, topics, sources, countries, languages, beats.';
COMMENT ON COLUMN watches.version IS 'Version of the definition: changes with what is asked, not with the name.';

COMMENT ON TABLE watch_matches IS 'Articles that match a watch now. One row per watch and article.';
COMMENT ON COLUMN watch_matches.watch_id IS 'The watch: watches.watch_id.';
COMMENT ON COLUMN watch_matches.article_id IS 'The article: articles.article_id.';
COMMENT ON COLUMN watch_matches.evidence IS 'The words, topics and other conditions that it met.';
COMMENT ON COLUMN watch_matches.version IS 'Version of the watch''s definition.';
COMMENT ON COLUMN watch_matches.matched_at IS 'When it was first found to match (UTC).';

COMMENT ON TABLE digests IS 'Morning digests that were made. One row per morning and beat, of the last one made.';
COMMENT ON COLUMN digests.digest_id IS 'Morning and beat, e.g. 2026-01-09/venezuela.';
COMMENT ON COLUMN digests.morning IS 'The day it is for (Caracas).';
COMMENT ON COLUMN digests.beat IS 'The beat it is about.';
COMMENT ON COLUMN digests.state IS 'complete or incomplete.';
COMMENT ON COLUMN digests.note IS 'Why it is incomplete or late; empty when neither.';
COMMENT ON COLUMN digests.data_through IS 'Start of the last run that was through (UTC). NULL: none was.';
COMMENT ON COLUMN digests.generated_at IS 'When it was made (UTC).';
COMMENT ON COLUMN digests.sources_down IS 'source_ids of the outlets that could not be heard, sorted.';
COMMENT ON COLUMN digests.sent_at IS 'When it was sent (UTC). NULL: it was not.';

COMMENT ON TABLE digest_items IS 'What each digest said. One row per digest, kind and item.';
COMMENT ON COLUMN digest_items.digest_id IS 'The digest: digests.digest_id.';
COMMENT ON COLUMN digest_items.kind IS 'story, merged, split or watch.';
COMMENT ON COLUMN digest_items.item_id IS 'The story: stories.story_id; for a watch its id and the text group.';
COMMENT ON COLUMN digest_items.rank IS 'Place among the items of its kind, from 1.';
COMMENT ON COLUMN digest_items.title IS 'The title it was given.';
COMMENT ON COLUMN digest_items.counts IS 'The numbers that were said, as a JSON object.';
COMMENT ON COLUMN digest_items.detail IS 'More, for people. NULL: nothing to add.';
