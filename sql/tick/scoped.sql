{% from "macros/lasting.sql" import lasting %}
-- name: scoped.needed
-- Which nodes have a truth of their own for which enrollment, because they count since it began.
CREATE OR REPLACE TEMPORARY TABLE scoped_needed AS
SELECT DISTINCT scoped_node.node, enrollment.contact_id, enrollment.enrolled_at AS since
FROM {{ enrollments }} AS enrollment
JOIN scoped_node USING (workflow_id);
-- name: scoped.leaf_turns
-- Counts the events after the enrollment, and takes over what else they are combined with.
CREATE OR REPLACE TEMPORARY TABLE scoped_turn AS
WITH counted AS (
  SELECT DISTINCT leaf.node, match.contact_id, match.occurred_at, match.event_key
  FROM leaf
  JOIN match USING (matcher)
  SEMI JOIN scoped_needed
    ON scoped_needed.node = leaf.node AND scoped_needed.contact_id = match.contact_id
  WHERE leaf.kind = 'scoped'
),
numbered AS (
  SELECT node, contact_id, occurred_at,
    ROW_NUMBER() OVER (PARTITION BY node, contact_id ORDER BY occurred_at) AS number
  FROM counted
),
instant AS (
  SELECT node, contact_id, occurred_at, MIN(number) AS number
  FROM numbered
  GROUP BY node, contact_id, occurred_at
),
reached AS (
  SELECT needed.node, needed.contact_id, needed.since, instant.number + node.low - 1 AS number
  FROM scoped_needed AS needed
  JOIN node USING (node)
  ASOF JOIN instant ON instant.node = needed.node AND instant.contact_id = needed.contact_id
    AND instant.occurred_at > needed.since
)
SELECT node, contact_id, since, occurred_at AS turned_at, TRUE AS holds
FROM reached
JOIN numbered USING (node, contact_id, number)
UNION ALL
SELECT node, contact_id, since, turned_at, holds
FROM turn
JOIN scoped_needed USING (node, contact_id)
JOIN node USING (node)
WHERE NOT node.scoped;
-- name: scoped.truth
-- Finds the truth intervals of the criteria that count since the enrollment.
INSERT INTO scoped_truth
WITH scoped_wanted AS (
  SELECT root.root, scoped_needed.contact_id, scoped_needed.since, contact.created_at
  FROM scoped_needed
  JOIN root USING (node)
  JOIN node USING (node)
  JOIN contact USING (contact_id)
  WHERE node.scoped
),
{{ lasting("scoped_turn", "contact_id, since", "scoped_wanted", True) }};
