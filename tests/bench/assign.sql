-- Invented articles with vectors and words, placed into stories; see assign.py. Every value is a hash of its row's number.
-- $archive rows lie before the window, $per_day on each of its seven days, $batch are new on the last day.

CREATE OR REPLACE TEMP MACRO u(i, salt) AS (hash(i, salt) % 1000003) / 1000003.0;
CREATE OR REPLACE TEMP MACRO g(i, salt) AS (hash(i, salt) % 2001)::FLOAT / 1000 - 1;

-- One of the 512 numbers of a vector, in steps of 1/256 as the embedder rounds them; its length is near 1
CREATE OR REPLACE TEMP MACRO vec(topic, story, i, k, salt) AS
    round((0.45 * g(topic, k) + 0.6 * g(story, 1000 + k) + 0.45 * g(i, salt + k)) * 256 / 11.4)::SMALLINT;

CREATE OR REPLACE TEMP TABLE plan AS
WITH numbered AS (
    SELECT i, 'old' AS part, -8 - floor(u(i, 1) * 400)::INT AS day, -1 - i AS story, i AS text_of
    FROM range($archive) t(i)
    UNION ALL
    -- 2.4 articles a story; a story stays within two days
    SELECT i, 'window', day, story, CASE WHEN u(i, 4) < 0.2 THEN -story ELSE i END
    FROM (
        SELECT $archive + k AS i, 1 + day * ($per_day / 2.4)::INT + floor(u(k, 2) * ($per_day / 2.4))::INT AS story,
            least(6, day + (u(k, 3) < 0.3)::INT) AS day
        FROM (SELECT k, (k % 7)::INT AS day FROM range(7 * $per_day) t(k))
    )
    UNION ALL
    SELECT i, 'new', 6, story, CASE WHEN u(i, 4) < 0.2 THEN -story ELSE i END
    FROM (
        SELECT 100000000 + k AS i,
            CASE WHEN u(k, 12) < 0.7
                THEN 1 + 5 * ($per_day / 2.4)::INT + floor(u(k, 5) * 2 * ($per_day / 2.4))::INT
                ELSE 50000000 + k END AS story
        FROM range($batch) t(k)
    )
)
SELECT
    i, part, story, text_of, story % 300 AS topic,
    CASE WHEN u(i, 6) < 0.5 THEN 'es' ELSE 'en' END AS lang,
    'a' || lpad(i::VARCHAR, 10, '0') AS article_id,
    TIMESTAMPTZ '2026-03-01 00:00:00+00' + to_days(day)
        + to_seconds((CASE WHEN part = 'new' THEN 70000 ELSE 0 END + u(i, 7) * CASE WHEN part = 'new' THEN 10000 ELSE 70000 END)::INT)
        AS published_at
FROM numbered;

INSERT INTO articles BY NAME
SELECT
    article_id, 'e' || i AS entry_id, 'source-' || i % 150 AS source_id, 'VE' AS country, lang, 'text' AS lang_origin,
    'https://bench.example/' || i AS url, 'https://bench.example/' || i AS canonical_url, 'Title ' || story AS title,
    'feed' AS title_origin, '' AS summary,
    CASE WHEN part = 'old' THEN '' ELSE array_to_string(list_transform(range(100), k -> 'w' || hash(text_of, k) % 40000), ' ')
    END AS text,
    'sha' || i AS text_sha256, [] AS authors, 'full' AS kind, 'news' AS genre, published_at,
    'feed' AS published_at_origin, 'second' AS published_precision, published_at AS first_seen_at, false AS backfill,
    100 AS word_count, 'none' AS extractor, 1 AS version, [] AS beats
FROM plan
ORDER BY published_at;

INSERT INTO article_features BY NAME
SELECT
    article_id, 'sha' || i AS text_sha256,
    CASE WHEN part = 'old' THEN [] ELSE list_transform(range(512),
        k -> vec(topic, story, i, k, 2000)) END AS title_vector,
    CASE WHEN part = 'old' THEN [] ELSE list_transform(range(512),
        k -> vec(topic, story, i, k, 3000)) END AS lead_vector,
    CASE WHEN part = 'old' THEN [] ELSE list_transform(range(128), k -> (hash(text_of, 5000 + k) % 4294967296)::BIGINT)
    END AS minhash,
    98 AS shingle_count,
    CASE WHEN part = 'old' THEN [] ELSE list_distinct(list_concat(
        list_transform(range(25), k -> CASE WHEN k < 3 THEN 's' ELSE lang END
            || hash(story, k + floor(u(i, 100 + k) * 1.4)::INT) % 40000),
        list_transform(range(8), k -> 't' || lang || hash(topic, k + floor(u(i, 200 + k) * 4)::INT) % 5000),
        list_transform(range(40), k -> 'z' || lang || floor(pow(u(i, 300 + k), 4) * 30000)::INT))) END AS terms,
    CASE WHEN part = 'old' THEN [] ELSE list_distinct(list_concat(
        list_transform(range(5), k -> 'n' || hash(story, 50 + k + floor(u(i, 400 + k) * 1.4)::INT) % 20000),
        ['m' || hash(topic, 60) % 600],
        list_transform(range(3), k -> 'z' || floor(pow(u(i, 500 + k), 4) * 9000)::INT))) END AS names,
    CASE WHEN part = 'old' THEN [] ELSE list_distinct([(hash(story, 70) % 900)::VARCHAR, (hash(story, 71) % 90)::VARCHAR,
        (hash(i, 72) % 60)::VARCHAR]) END AS numbers,
    $features AS method_version
FROM plan
ORDER BY published_at;

-- What is held is placed: a story bears the id of its first report
CREATE OR REPLACE TEMP TABLE placed AS
SELECT *, first_value(article_id) OVER (PARTITION BY story ORDER BY published_at, article_id) AS founder
FROM plan WHERE part <> 'new';

INSERT INTO story_articles BY NAME
SELECT 's' || left(sha256('s' || chr(31) || founder), 20) AS story_id, article_id, 1.0 AS score,
    CASE WHEN article_id = founder THEN 'founder' ELSE 'event' END AS reason, $stories AS method_version,
    published_at AS joined_at
FROM placed;

INSERT INTO stories BY NAME
SELECT 's' || left(sha256('s' || chr(31) || founder), 20) AS story_id, any_value('Title ' || story) AS title_en,
    'member' AS title_en_origin, founder AS lead_article_id, min(published_at) AS first_published_at,
    min(published_at) AS first_seen_at, max(published_at) AS last_seen_at
FROM placed GROUP BY founder;

INSERT INTO stage_marks BY NAME
SELECT article_id, 'stories' AS stage, 'sha' || i AS text_sha256, $stories || '/none' AS method_version FROM placed;
