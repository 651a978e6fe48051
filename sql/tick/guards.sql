-- name: need.guarded
-- Guarded criteria must be known of the contacts that their column tests hold for, and that their
-- other property leaf ever holds for.
INSERT INTO need_found
WITH standing AS (
  SELECT node AS other_leaf, contact_id
  FROM (
    SELECT node, contact_id FROM span
    UNION ALL
    SELECT node, contact_id FROM lone_span
  ) AS any_span
  SEMI JOIN guard ON guard.other_leaf = any_span.node
)
SELECT guard.node, lone_span.contact_id
FROM guard
JOIN lone_span ON lone_span.node = guard.leaf
WHERE guard.other_leaf IS NULL
UNION ALL
SELECT guard.node, lone_span.contact_id
FROM guard
JOIN lone_span ON lone_span.node = guard.leaf
SEMI JOIN standing ON standing.other_leaf = guard.other_leaf
  AND standing.contact_id = lone_span.contact_id;
