{% from "macros/lasting.sql" import lasting %}
-- name: scoped.needed
-- Which nodes have a truth of their own for which enrollment, because they count since it began.
CREATE OR REPLACE TEMPORARY TABLE scoped_needed AS
SELECT DISTINCT scoped_node.node, enrollment.contact_id, enrollment.enrolled_at AS since
FROM (
  SELECT workflow_id, contact_id, enrolled_at FROM moving
  UNION
  SELECT workflow_id, contact_id, enrolled_at FROM finished
) AS enrollment
JOIN scoped_node USING (workflow_id);
-- name: scoped.leaf_turns
-- Counts the events after the enrollment, and takes over what else they are combined with.
CREATE OR REPLACE TEMPORARY TABLE scoped_turn AS
WITH counted AS (
  SELECT DISTINCT node, contact_id, since, occurred_at, event_key
  FROM scoped_needed
  JOIN leaf USING (node)
  JOIN match USING (matcher, contact_id)
  WHERE leaf.kind = 'scoped' AND occurred_at > since
),
numbered AS (
  SELECT node, contact_id, since, occurred_at,
    ROW_NUMBER() OVER (PARTITION BY node, contact_id, since ORDER BY occurred_at) AS number
  FROM counted
)
SELECT node, contact_id, since, occurred_at AS turned_at, TRUE AS holds
FROM numbered
JOIN node USING (node)
WHERE number = node.low
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
