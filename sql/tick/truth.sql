-- name: truth.first_events
-- A leaf that one event makes true for ever turns true at the first of them.
INSERT INTO lone_span
SELECT node, contact_id, GREATEST(MIN(occurred_at), created_at), TIMESTAMP '9999-12-31'
FROM match
JOIN leaf USING (node)
WHERE leaf.kind = 'first'
GROUP BY node, contact_id, created_at;
-- name: truth.lone_turns
-- A leaf with one span turns true where it starts and false where it ends.
INSERT INTO turn
SELECT node, contact_id, valid_from, TRUE
FROM lone_span
WHERE valid_from < valid_to AND valid_from <= :tick_at
UNION ALL
SELECT node, contact_id, valid_to, FALSE
FROM lone_span
WHERE valid_from < valid_to AND valid_to <= :tick_at;
-- name: truth.counted_spans
-- At least n events within D hold from an event on until the n-th last one is D old.
INSERT INTO span
WITH frequent AS (
  SELECT node, contact_id
  FROM match
  JOIN leaf USING (node)
  JOIN node USING (node)
  WHERE leaf.kind = 'count' AND node.low > 1
  GROUP BY node, contact_id, node.low
  HAVING COUNT(*) >= node.low
),
counted AS (
  SELECT DISTINCT node, contact_id, created_at, occurred_at, event_id
  FROM match
  JOIN frequent USING (node, contact_id)
),
paired AS (
  SELECT node, contact_id, created_at, occurred_at,
    LAG(occurred_at, node.low - 1) OVER (PARTITION BY node, contact_id ORDER BY occurred_at)
      AS first_at
  FROM counted
  JOIN node USING (node)
  UNION ALL
  SELECT node, contact_id, created_at, occurred_at, occurred_at
  FROM match
  JOIN node USING (node)
  WHERE node.low = 1
)
SELECT node, contact_id, GREATEST(occurred_at, created_at),
  CASE
    WHEN leaf.within IS NULL THEN TIMESTAMP '9999-12-31'
    ELSE first_at + TO_MICROSECONDS(leaf.within)
  END
FROM paired
JOIN leaf USING (node)
WHERE leaf.kind = 'count' AND first_at IS NOT NULL;
-- name: truth.leaf_turns
-- Joins spans that touch. Of one leaf and contact, spans that start later never end sooner.
INSERT INTO turn
WITH neighbours AS (
  SELECT node, contact_id, valid_from, valid_to,
    LAG(valid_to) OVER (PARTITION BY node, contact_id ORDER BY valid_from, valid_to) AS last_to,
    LEAD(valid_from) OVER (PARTITION BY node, contact_id ORDER BY valid_from, valid_to)
      AS next_from
  FROM span
  WHERE valid_from < valid_to AND valid_from <= :tick_at
)
SELECT node, contact_id, valid_from, TRUE
FROM neighbours
WHERE last_to IS NULL OR last_to < valid_from
UNION ALL
SELECT node, contact_id, valid_to, FALSE
FROM neighbours
WHERE (next_from IS NULL OR next_from > valid_to) AND valid_to <= :tick_at;
