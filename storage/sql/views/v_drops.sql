-- What did not become an article of its own, and why: entries by their state, other items by the last decision on them.
CREATE OR REPLACE VIEW v_drops AS
WITH items AS (
    SELECT
        'entry' AS stage,
        e.entry_id AS key,
        e.source_id,
        e.state AS outcome,
        e.reason,
        e.detail,
        e.title,
        e.url,
        e.seen_at AS dropped_at,
        1 AS times
    FROM entries e
    WHERE e.state IN ('duplicate', 'skipped', 'quarantined')
    UNION ALL
    SELECT
        o.stage,
        o.key,
        o.source_id,
        o.outcome,
        o.reason,
        o.detail,
        NULL AS title,
        CASE WHEN o.key LIKE 'http%' THEN o.key END AS url,
        o."at" AS dropped_at,
        count(*) OVER (PARTITION BY o.stage, o.key) AS times
    FROM outcomes o
    WHERE o.stage <> 'entry' AND o.outcome NOT IN ('stored', 'read', 'kept', 'pending')
    QUALIFY row_number() OVER (PARTITION BY o.stage, o.key ORDER BY o."at" DESC, o.run_id DESC) = 1
)
SELECT
    i.stage,
    i.key,
    i.source_id,
    s.name AS source_name,
    s.country,
    i.outcome,
    i.reason,
    i.detail,
    i.title,
    i.url,
    i.dropped_at,
    i.times
FROM items i
LEFT JOIN sources s ON s.source_id = i.source_id;

COMMENT ON VIEW v_drops IS 'What did not become an article of its own, and why. One row per stage and item.';
COMMENT ON COLUMN v_drops.stage IS 'Where it ended: entry, feed, page, extract, …';
COMMENT ON COLUMN v_drops.key IS 'The item: an entry_id or an address.';
COMMENT ON COLUMN v_drops.outcome IS 'For entries duplicate, skipped or quarantined; else what the stage says, e.g. failed.';
COMMENT ON COLUMN v_drops.reason IS 'Why, see docs/reasons.md.';
COMMENT ON COLUMN v_drops.detail IS 'More about the reason, for people. NULL: nothing to add.';
COMMENT ON COLUMN v_drops.title IS 'Title of the entry. NULL: not an entry.';
COMMENT ON COLUMN v_drops.url IS 'Address of the item. NULL: it has none.';
COMMENT ON COLUMN v_drops.dropped_at IS 'When the entry was first seen, or when the last such decision was made (UTC).';
COMMENT ON COLUMN v_drops.times IS 'How many runs decided so.';
