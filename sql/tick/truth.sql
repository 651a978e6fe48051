{% from "macros/sweep.sql" import sweep %}
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
-- name: truth.leaf_turns
-- Sweeps the leaves that count events or follow a history, all of them together.
INSERT INTO turn
WITH frequent AS (
  SELECT node, contact_id
  FROM match
  JOIN leaf USING (node)
  JOIN node USING (node)
  WHERE leaf.kind = 'count'
  GROUP BY node, contact_id, node.low
  HAVING COUNT(*) >= node.low
),
counted AS (
  SELECT DISTINCT node, contact_id, created_at, occurred_at, event_id, leaf.within
  FROM match
  JOIN frequent USING (node, contact_id)
  JOIN leaf USING (node)
),
delta AS (
  SELECT node, contact_id, GREATEST(occurred_at, created_at) AS changed_at, 1 AS delta
  FROM counted
  WHERE within IS NULL OR occurred_at + TO_MICROSECONDS(within) > created_at
  UNION ALL
  SELECT node, contact_id, occurred_at + TO_MICROSECONDS(within), -1
  FROM counted
  WHERE occurred_at + TO_MICROSECONDS(within) > created_at
  UNION ALL
  SELECT node, contact_id, valid_from, 1 FROM span WHERE valid_from < valid_to
  UNION ALL
  SELECT node, contact_id, valid_to, -1 FROM span WHERE valid_from < valid_to
),
change AS (
  SELECT node, contact_id, changed_at, SUM(delta) AS delta
  FROM delta
  WHERE changed_at <= :tick_at
  GROUP BY node, contact_id, changed_at
  HAVING SUM(delta) <> 0
),
{{ sweep("node, contact_id") }}
SELECT * FROM swept;
