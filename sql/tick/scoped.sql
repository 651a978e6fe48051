{% from "macros/sweep.sql" import sweep %}
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
-- Sweeps the leaves over the events after the enrollment, and takes over what else is combined.
CREATE OR REPLACE TEMPORARY TABLE scoped_turn AS
WITH change AS (
  SELECT node, contact_id, since, occurred_at AS changed_at, COUNT(DISTINCT event_id) AS delta
  FROM match
  JOIN scoped_needed USING (node, contact_id)
  JOIN leaf USING (node)
  WHERE leaf.kind = 'scoped' AND occurred_at > since
  GROUP BY node, contact_id, since, occurred_at
),
{{ sweep("node, contact_id, since") }}
SELECT node, contact_id, since, turned_at, holds
FROM swept
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
  SELECT root.root, scoped_needed.contact_id, scoped_needed.since,
    scoped_needed.since AS created_at
  FROM scoped_needed
  JOIN root USING (node)
  JOIN node USING (node)
  WHERE node.scoped
),
{{ lasting("scoped_turn", "contact_id, since", "scoped_wanted", True) }};
