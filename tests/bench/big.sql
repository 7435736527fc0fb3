-- A big warehouse of invented outlets (see _big.py). Every value comes from a hash of its row's number. Rows stand in the
-- order of time, as runs would have stored them.

CREATE TEMP MACRO u(i, salt) AS (hash(i, salt) % 1000000) / 1e6;

-- Known words first: they are drawn most often, then invented ones
CREATE TEMP TABLE words AS
SELECT v.lang, generate_subscripts(v.list, 1) - 1 AS n, unnest(v.list) AS word
FROM (
    SELECT lang, list_concat(known, list_transform(range(19000), i ->
        syllables[1 + i % 20] || syllables[1 + i // 20 % 20] || syllables[1 + i // 400 % 20] || ['a', 'e', 'i', 'on', 'u'][1 + i // 8000]
    )) AS list
    FROM (
        SELECT 'es' AS lang, string_split('presos políticos venezuela gobierno presidente asamblea nacional elecciones oposición petróleo dólar inflación devaluación excarcelación amnistía tribunal justicia fiscalía embajada frontera migrantes deportación vuelo tanquero refinería apagón electricidad sismo terremoto heridos muertos policía ejército manifestación marcha protesta huelga trenes sindicatos salario maestros universidad hospital médicos vacunas fútbol partido selección victoria derrota gol juicio audiencia juez abogado detenido liberado familia calle ciudad estado país mundo economía precio mercado banco crédito empresa inversión exportación sanciones acuerdo negociación diálogo ministro canciller senado congreso ley reforma constitución derechos humanos libertad prensa periodista medio noticia hoy ayer mañana semana año enero febrero lunes viernes caracas maracaibo valencia madrid', ' ') AS known
        UNION ALL
        SELECT 'en', string_split('political prisoners venezuela government president assembly national election opposition oil dollar inflation devaluation release amnesty court justice prosecutor embassy border migrants deportation flight tanker refinery blackout power quake earthquake injured dead police army rally march protest strike trains unions wage teachers university hospital doctors vaccine soccer match team victory defeat goal trial hearing judge lawyer detained freed family street city state country world economy price market bank credit company investment export sanctions deal talks dialogue minister senate congress law reform constitution rights freedom press journalist outlet news today yesterday tomorrow week year january february monday', ' ')
    ), (SELECT string_split('ba ce di fo gu la me ni po ru sa te vi zo cha tra bre pla mun ter', ' ') AS syllables)
) v;

CREATE TEMP TABLE sentences AS
SELECT s.lang, s.n, string_agg(w.word, ' ' ORDER BY s.position) AS sentence
FROM (
    SELECT lang, n, position, floor(pow(u(n * 100 + position, 6), 3) * 19000)::INT AS word
    FROM range(40000) a(n), range(25) b(position), (VALUES ('es'), ('en')) c(lang)
) s
JOIN words w ON w.lang = s.lang AND w.n = s.word
GROUP BY s.lang, s.n;

CREATE TEMP MACRO day_start(d) AS TIMESTAMPTZ '2026-03-01 04:00:00+00' - to_days(($days - 1 - d)::INT);

INSERT INTO sources BY NAME SELECT
    'outlet-' || lpad(n::VARCHAR, 3, '0') AS source_id, 'Gaceta ' || lpad(n::VARCHAR, 3, '0') AS name,
    CASE WHEN n % 12 < 4 THEN 'VE' WHEN n % 12 < 7 THEN 'ES' WHEN n % 12 < 10 THEN 'US'
        ELSE ['CO', 'AR', 'GB', 'CU'][1 + n % 4] END AS country,
    [CASE WHEN n % 12 BETWEEN 7 AND 9 THEN 'en' ELSE 'es' END] AS languages,
    'https://outlet-' || n || '.example/' AS homepage, 'digital' AS media_type,
    ['private', 'state', 'independent', 'public'][1 + n % 4] AS ownership, 'America/Caracas' AS timezone,
    ['government', 'independent', 'opposition', NULL][1 + n % 4] AS alignment, false AS paywall,
    true AS fictional, CASE WHEN n % 3 = 0 THEN 'core' END AS panel
    FROM range(240) t(n);

INSERT INTO feeds BY NAME SELECT 'https://' || source_id || '.example/feed' AS feed_url, source_id,
    0 AS position, now() AS last_polled_at, now() AS last_ok_at, 0 AS failures, 'ok' AS last_reason,
    [] AS last_entry_ids, day_start(0) AS first_polled_at FROM sources;

INSERT INTO topics BY NAME SELECT 'ata:big-' || n AS topic_id, 'Topic ' || n AS name_en, 'Tema ' || n AS name_es,
    CASE WHEN n >= 12 THEN 'ata:big-' || n % 12 END AS parent_id, CASE WHEN n >= 12 THEN 2 ELSE 1 END AS level
    FROM range(60) t(n);

-- One row per article: its day, story, outlet, times, the number its text is drawn from
CREATE TEMP TABLE plan AS
    SELECT i, d, story, source, src.source_id, src.country, src.languages[1] AS lang, published_at, is_copy,
        'a' || left(sha256('big' || i), 20) AS article_id,
        's' || left(sha256('story' || d || '-' || story), 20) AS story_id
    FROM (
        SELECT i, i % $days AS d, floor(pow(u(i, 1), 2) * $per_day)::INT AS story,
            floor(u(i, 2) * 240)::INT AS source, u(i, 3) < 0.15 AS is_copy
        FROM range($articles) t(i)
    ) p
    JOIN (SELECT row_number() OVER (ORDER BY source_id) - 1 AS n, * FROM sources) src ON src.n = p.source
    CROSS JOIN LATERAL (
        SELECT day_start(p.d) + to_seconds((u(p.d * 10000 + p.story, 4) * 57600 + u(p.i, 5) * 28800)::INT) AS published_at
    );

CREATE TEMP TABLE leads AS
    SELECT story_id, lang, min_by(i, published_at) AS lead, min_by(article_id, published_at) AS lead_id
    FROM plan WHERE NOT is_copy GROUP BY story_id, lang;

CREATE TEMP TABLE planned AS
    SELECT p.*, CASE WHEN p.is_copy AND l.lead IS NOT NULL THEN l.lead ELSE p.i END AS seed,
        CASE WHEN p.is_copy THEN l.lead_id END AS original
    FROM plan p LEFT JOIN leads l ON l.story_id = p.story_id AND l.lang = p.lang;

CREATE TEMP TABLE texts AS
SELECT p.i, p.lang, t.title, t.text
FROM planned p
JOIN (
    SELECT
        d.seed,
        d.lang,
        array_to_string(string_split(min_by(s.sentence, d.position), ' ')[:9], ' ') AS title,
        string_agg(s.sentence || '.' || CASE d.position % 3 WHEN 2 THEN chr(10) ELSE ' ' END, '' ORDER BY d.position) AS text
    FROM (
        SELECT seed, lang, position, floor(u(seed * 100 + position, 7) * 40000)::INT AS n
        FROM (SELECT DISTINCT seed, lang FROM planned), range(10) t(position)
    ) d
    JOIN sentences s ON s.lang = d.lang AND s.n = d.n
    GROUP BY d.seed, d.lang
) t ON t.seed = p.seed AND t.lang = p.lang;

INSERT INTO articles BY NAME
    SELECT p.article_id, 'e' || substr(p.article_id, 2) AS entry_id, p.source_id, p.country, p.lang,
        'text' AS lang_origin, 'https://' || p.source_id || '.example/' || p.i AS url, url AS canonical_url,
        upper(left(t.title, 1)) || substr(t.title, 2) AS title, 'page' AS title_origin, left(t.text, 150) AS summary,
        t.text, sha256(p.seed::VARCHAR) AS text_sha256, ['Autor ' || p.seed % 900] AS authors,
        CASE WHEN p.i % 10 = 0 THEN 'feed_only' ELSE 'full' END AS kind,
        CASE WHEN p.i % 15 = 0 THEN 'opinion' ELSE 'news' END AS genre,
        CASE WHEN p.is_copy THEN 'EFE' END AS agency, p.published_at, 'feed' AS published_at_origin,
        CASE WHEN p.i % 25 = 0 THEN 'day' ELSE 'second' END AS published_precision,
        p.published_at + INTERVAL 20 MINUTE AS first_seen_at, false AS backfill, 250 AS word_count,
        'big/1' AS extractor, 1 AS version, CASE WHEN p.story % 3 = 0 THEN ['venezuela'] ELSE [] END AS beats
    FROM planned p JOIN texts t ON t.i = p.i ORDER BY p.published_at;

INSERT INTO article_versions BY NAME SELECT article_id, text_sha256, version, title, text, modified_at,
    first_seen_at AS seen_at, page_id, extractor FROM articles;

INSERT INTO entries BY NAME SELECT a.entry_id, a.source_id, 'https://' || a.source_id || '.example/feed' AS feed_url,
    a.url, a.canonical_url, a.title, a.summary,
    '' AS content, a.authors, [] AS categories, a.lang, a.published_at, 'feed' AS published_at_origin,
    'second' AS published_precision, a.first_seen_at AS seen_at, a.text_sha256 AS content_sha256, false AS backfill,
    'stored' AS state, 'new' AS reason, a.article_id, 1 AS attempts FROM articles a;

INSERT INTO entries BY NAME SELECT * REPLACE ('d' || entry_id AS entry_id, NULL AS article_id,
    CASE WHEN hash(entry_id) % 3 = 0 THEN 'skipped' ELSE 'duplicate' END AS state,
    CASE WHEN hash(entry_id) % 3 = 0 THEN 'not_html' ELSE 'same_url' END AS reason)
    FROM entries WHERE hash(entry_id) % 20 = 0;

INSERT INTO article_features BY NAME SELECT article_id, text_sha256, [] AS title_vector, [] AS lead_vector,
    [] AS minhash, 100 AS shingle_count, string_split(title, ' ') AS terms, string_split(title, ' ')[:4] AS names,
    [(hash(text_sha256) % 90)::VARCHAR, (hash(text_sha256, 1) % 9)::VARCHAR] AS numbers, 'big/1' AS method_version
    FROM articles;

INSERT INTO translations BY NAME
    SELECT p.article_id, 'en' AS target, title, text, 'argos' AS engine, '1' AS engine_version,
        CASE WHEN u(p.i, 8) < 0.05 THEN 'quarantined' WHEN u(p.i, 8) < 0.15 THEN 'partial' ELSE 'ok' END AS status,
        [] AS checks, sha256(p.seed::VARCHAR) AS source_sha256, p.published_at AS translated_at
    FROM planned p
    JOIN (SELECT lead.i, lead.lang, en.title, en.text FROM texts lead
          JOIN (SELECT row_number() OVER (ORDER BY i) AS n, title, text FROM texts WHERE lang = 'en') en
            ON en.n = 1 + lead.i % (SELECT count(*) FROM texts WHERE lang = 'en')) t ON t.i = p.i
    WHERE p.lang <> 'en' ORDER BY p.published_at;

INSERT INTO copies BY NAME SELECT article_id, original AS original_article_id,
    't' || left(sha256(original), 20) AS text_group_id, 'verbatim' AS kind, 1.0 AS similarity, 'EFE' AS agency,
    'big/1' AS method_version FROM planned WHERE original IS NOT NULL ORDER BY published_at;

INSERT INTO stories BY NAME
    SELECT p.story_id, max(a.title) FILTER (WHERE p.lang = 'en') AS title_en, 'member' AS title_en_origin,
        max(a.title) FILTER (WHERE p.lang = 'es') AS title_es, 'member' AS title_es_origin,
        min_by(p.article_id, p.published_at) AS lead_article_id, min(p.published_at) AS first_published_at,
        min(p.published_at) AS first_seen_at, max(p.published_at) AS last_seen_at
    FROM planned p JOIN articles a ON a.article_id = p.article_id GROUP BY p.story_id;

INSERT INTO story_articles BY NAME SELECT story_id, article_id, 1.0 AS score, 'vector' AS reason,
    'big/1' AS method_version, published_at AS joined_at FROM planned ORDER BY published_at;

INSERT INTO story_aliases BY NAME SELECT 'old' || story_id AS alias_id, story_id, 'merged' AS reason,
    first_seen_at AS since FROM stories WHERE hash(story_id) % 50 = 0;

INSERT INTO story_topics BY NAME SELECT story_id, 'ata:big-' || (hash(story_id, n) % 20 * 3 + n) AS topic_id,
    0.9 - n * 0.2 AS score, ['3 of 4 articles', 'palabra (title 1)'] AS evidence, 'big/1' AS method_version
    FROM stories, range(3) t(n);

INSERT INTO article_topics BY NAME SELECT m.article_id, t.topic_id, t.score, ['palabra (title 1)'] AS evidence,
    'big/1' AS method_version FROM story_topics t JOIN story_articles m ON m.story_id = t.story_id WHERE t.score > 0.6;

INSERT INTO article_beats BY NAME SELECT article_id, 'venezuela' AS beat, 1.0 AS score, ['Venezuela'] AS evidence,
    'big/1' AS method_version FROM articles WHERE len(beats) > 0;

-- A poll every half hour of every feed, one in fifty fails
INSERT INTO fetch_events BY NAME SELECT 'f' || left(sha256(source_id || '-' || n), 20) AS fetch_id, 'r' || n AS run_id,
    source_id, 'feed' AS kind, 'https://' || source_id || '.example/feed' AS url, 200 AS http_status,
    CASE WHEN hash(source_id, n) % 50 = 0 THEN 'timeout' ELSE 'ok' END AS reason, 20000 AS bytes, 200 AS elapsed_ms,
    day_start(0) + to_minutes((n * 30)::INT) AS fetched_at, 20 AS entry_count, 1 AS new_count,
    hash(source_id, n) % 400 = 0 AS possible_gap FROM sources, range($days * 48) t(n);

INSERT INTO outcomes BY NAME SELECT run_id, 'feed' AS stage, url AS key, source_id, 'failed' AS outcome, reason,
    'no answer in 30 s' AS detail, fetched_at AS at FROM fetch_events WHERE reason <> 'ok';

INSERT INTO runs BY NAME SELECT 'r' || n AS run_id, 'run' AS command, day_start(0) + to_minutes((n * 30)::INT) AS started_at,
    day_start(0) + to_minutes((n * 30 + 9)::INT) AS finished_at, 'ok' AS status, '{}' AS counts, '0' AS software_version
    FROM range($days * 48) t(n);
