-- The tables of Atalaya, one per record of storage/records.py and in the same order of columns.
-- No primary key, unique constraint, index, sequence or fixed-size array: DuckLake knows none of them. Keys are kept by
-- MERGE in storage/sql/statements and checked by a test.

CREATE TABLE sources (
    source_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    country VARCHAR NOT NULL,
    languages VARCHAR[] NOT NULL,
    homepage VARCHAR NOT NULL,
    media_type VARCHAR NOT NULL,
    ownership VARCHAR NOT NULL,
    timezone VARCHAR NOT NULL,
    owner_group VARCHAR,
    alignment VARCHAR,
    evidence VARCHAR,
    verified_at TIMESTAMPTZ,
    based_in VARCHAR,
    parent_id VARCHAR,
    paywall BOOLEAN NOT NULL,
    panel VARCHAR,
    fictional BOOLEAN NOT NULL,
    valid_from TIMESTAMPTZ,
    valid_to TIMESTAMPTZ
);

CREATE TABLE feeds (
    feed_url VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    scope VARCHAR,
    position BIGINT NOT NULL,
    etag VARCHAR,
    last_modified VARCHAR,
    first_polled_at TIMESTAMPTZ,
    last_polled_at TIMESTAMPTZ,
    last_ok_at TIMESTAMPTZ,
    last_full_at TIMESTAMPTZ,
    next_due_at TIMESTAMPTZ,
    failures BIGINT NOT NULL,
    last_reason VARCHAR,
    proposed_url VARCHAR,
    last_entry_ids VARCHAR[] NOT NULL
);

CREATE TABLE fetch_events (
    fetch_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    final_url VARCHAR,
    http_status BIGINT,
    reason VARCHAR NOT NULL,
    detail VARCHAR,
    bytes BIGINT NOT NULL,
    elapsed_ms BIGINT NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL,
    entry_count BIGINT,
    new_count BIGINT,
    possible_gap BOOLEAN NOT NULL
);

CREATE TABLE entries (
    entry_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    feed_url VARCHAR NOT NULL,
    guid VARCHAR,
    url VARCHAR,
    canonical_url VARCHAR,
    title VARCHAR NOT NULL,
    summary VARCHAR NOT NULL,
    content VARCHAR NOT NULL,
    authors VARCHAR[] NOT NULL,
    categories VARCHAR[] NOT NULL,
    lang VARCHAR,
    published_at TIMESTAMPTZ,
    published_at_origin VARCHAR NOT NULL,
    published_precision VARCHAR NOT NULL,
    updated_at TIMESTAMPTZ,
    seen_at TIMESTAMPTZ NOT NULL,
    content_sha256 VARCHAR NOT NULL,
    backfill BOOLEAN NOT NULL,
    state VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    detail VARCHAR,
    article_id VARCHAR,
    attempts BIGINT NOT NULL,
    next_try_at TIMESTAMPTZ
);

CREATE TABLE pages (
    page_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    final_url VARCHAR NOT NULL,
    http_status BIGINT NOT NULL,
    content_type VARCHAR NOT NULL,
    bytes BIGINT NOT NULL,
    body_sha256 VARCHAR NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL,
    warc_file VARCHAR NOT NULL,
    warc_offset BIGINT NOT NULL
);

CREATE TABLE furniture (
    source_id VARCHAR NOT NULL,
    paragraph_sha256 VARCHAR NOT NULL,
    page_count BIGINT NOT NULL
);

CREATE TABLE articles (
    article_id VARCHAR NOT NULL,
    entry_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    country VARCHAR NOT NULL,
    lang VARCHAR NOT NULL,
    lang_origin VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    canonical_url VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    title_origin VARCHAR NOT NULL,
    summary VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    text_sha256 VARCHAR NOT NULL,
    authors VARCHAR[] NOT NULL,
    kind VARCHAR NOT NULL,
    genre VARCHAR NOT NULL,
    agency VARCHAR,
    published_at TIMESTAMPTZ NOT NULL,
    published_at_origin VARCHAR NOT NULL,
    published_precision VARCHAR NOT NULL,
    modified_at TIMESTAMPTZ,
    first_seen_at TIMESTAMPTZ NOT NULL,
    backfill BOOLEAN NOT NULL,
    word_count BIGINT NOT NULL,
    page_id VARCHAR,
    extractor VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    beats VARCHAR[] NOT NULL
);

CREATE TABLE article_versions (
    article_id VARCHAR NOT NULL,
    text_sha256 VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    title VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    modified_at TIMESTAMPTZ,
    seen_at TIMESTAMPTZ NOT NULL,
    page_id VARCHAR,
    extractor VARCHAR NOT NULL
);

CREATE TABLE article_features (
    article_id VARCHAR NOT NULL,
    text_sha256 VARCHAR NOT NULL,
    title_vector FLOAT[] NOT NULL,
    lead_vector FLOAT[] NOT NULL,
    minhash BIGINT[] NOT NULL,
    shingle_count BIGINT NOT NULL,
    terms VARCHAR[] NOT NULL,
    names VARCHAR[] NOT NULL,
    numbers VARCHAR[] NOT NULL,
    method_version VARCHAR NOT NULL
);

CREATE TABLE article_beats (
    article_id VARCHAR NOT NULL,
    beat VARCHAR NOT NULL,
    score DOUBLE NOT NULL,
    evidence VARCHAR[] NOT NULL,
    method_version VARCHAR NOT NULL
);

CREATE TABLE translations (
    article_id VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    title VARCHAR,
    text VARCHAR,
    engine VARCHAR,
    engine_version VARCHAR,
    status VARCHAR NOT NULL,
    checks VARCHAR[] NOT NULL,
    source_sha256 VARCHAR NOT NULL,
    translated_at TIMESTAMPTZ
);

CREATE TABLE translation_memory (
    sentence_sha256 VARCHAR NOT NULL,
    source_lang VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    engine VARCHAR NOT NULL,
    engine_version VARCHAR NOT NULL,
    sentence VARCHAR NOT NULL,
    translation VARCHAR NOT NULL,
    checks VARCHAR[] NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE copies (
    article_id VARCHAR NOT NULL,
    original_article_id VARCHAR,
    text_group_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    similarity DOUBLE NOT NULL,
    agency VARCHAR,
    method_version VARCHAR NOT NULL
);

CREATE TABLE stories (
    story_id VARCHAR NOT NULL,
    title_en VARCHAR,
    title_en_origin VARCHAR,
    title_es VARCHAR,
    title_es_origin VARCHAR,
    lead_article_id VARCHAR NOT NULL,
    first_published_at TIMESTAMPTZ NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE story_articles (
    story_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    score DOUBLE NOT NULL,
    reason VARCHAR NOT NULL,
    method_version VARCHAR NOT NULL,
    joined_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE story_aliases (
    alias_id VARCHAR NOT NULL,
    story_id VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    since TIMESTAMPTZ NOT NULL
);

CREATE TABLE topics (
    topic_id VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    name_es VARCHAR NOT NULL,
    parent_id VARCHAR,
    level BIGINT NOT NULL
);

CREATE TABLE article_topics (
    article_id VARCHAR NOT NULL,
    topic_id VARCHAR NOT NULL,
    score DOUBLE NOT NULL,
    evidence VARCHAR[] NOT NULL,
    method_version VARCHAR NOT NULL
);

CREATE TABLE story_topics (
    story_id VARCHAR NOT NULL,
    topic_id VARCHAR NOT NULL,
    score DOUBLE NOT NULL,
    evidence VARCHAR[] NOT NULL,
    method_version VARCHAR NOT NULL
);

CREATE TABLE stage_marks (
    article_id VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    text_sha256 VARCHAR NOT NULL,
    method_version VARCHAR NOT NULL
);

CREATE TABLE runs (
    run_id VARCHAR NOT NULL,
    command VARCHAR NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    status VARCHAR NOT NULL,
    counts VARCHAR NOT NULL,
    software_version VARCHAR NOT NULL
);

CREATE TABLE outcomes (
    run_id VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    detail VARCHAR,
    "at" TIMESTAMPTZ NOT NULL
);

