{% macro ahead() %}
WITH ahead AS (
  SELECT walker.workflow_id, walker.contact_id, walker.firing_no, walker.enrolled_at,
    walker.left_at, item.block, item.place, item.step_id, item.kind, item.to_block,
    item.place = walker.place AS is_first,
    CASE WHEN item.place = walker.place THEN walker.last_step ELSE item.last_step END AS last_step,
    walker.ready_at + TO_MICROSECONDS(item.wait - here.wait) AS due_at,
    walker.ready_at + TO_MICROSECONDS(item.last_wait - here.wait) AS last_due_at
  FROM walker
  JOIN item AS here ON here.workflow_id = walker.workflow_id AND here.block = walker.block
    AND here.place = walker.place
  JOIN item ON item.workflow_id = walker.workflow_id AND item.block = walker.block
    AND item.place >= walker.place
)
{% endmacro %}
-- name: pass.run
-- Runs the steps that come before the tick and before the enrollment leaves.
INSERT INTO ran
{{ ahead() }}
SELECT workflow_id, contact_id, firing_no, step_id, due_at
FROM ahead
WHERE kind IN ('send_email', 'set_property', 'action')
  AND due_at <= $tick_at AND due_at < left_at;
-- name: pass.stop
-- Where each straight run stops: at the first step that cannot run yet, or at its end.
CREATE OR REPLACE TEMPORARY TABLE stopped AS
{{ ahead() }}
SELECT workflow_id, contact_id, firing_no, enrolled_at, left_at, block, place, step_id, kind,
  to_block, last_step, due_at, due_at <= $tick_at AND due_at < left_at AS is_due
FROM ahead
WHERE (kind IN ('branch', 'goto', 'end') OR due_at > $tick_at OR due_at >= left_at)
  AND (is_first OR (last_due_at <= $tick_at AND last_due_at < left_at));
-- name: pass.rest
-- Enrollments that wait, have left, or have come to the end.
INSERT INTO rested
SELECT workflow_id, contact_id, firing_no, block, place, due_at, CASE WHEN is_due THEN due_at END, last_step
FROM stopped
WHERE kind <> 'goto' AND (kind = 'end' OR NOT is_due);
-- name: pass.turn
-- Takes the first arm whose criteria are true at that instant, or goes on after the branch.
CREATE OR REPLACE TEMPORARY TABLE walker AS
WITH taken AS (
  SELECT stopped.workflow_id, stopped.contact_id, stopped.firing_no, MIN(arm.arm) AS arm
  FROM stopped
  JOIN arm USING (workflow_id, block, place)
  ASOF LEFT JOIN truth ON truth.root = CASE WHEN NOT arm.scoped THEN arm.root END
    AND truth.contact_id = stopped.contact_id AND truth.valid_from <= stopped.due_at
{% if scoped %}
  ASOF LEFT JOIN scoped_truth ON scoped_truth.root = arm.root
    AND scoped_truth.contact_id = stopped.contact_id
    AND scoped_truth.since = stopped.enrolled_at
    AND scoped_truth.valid_from <= stopped.due_at
{% endif %}
  WHERE stopped.is_due
    AND (arm.root IS NULL OR stopped.due_at < truth.valid_to
{% if scoped %}
      OR stopped.due_at < scoped_truth.valid_to
{% endif %}
    )
  GROUP BY stopped.workflow_id, stopped.contact_id, stopped.firing_no
)
SELECT stopped.workflow_id, stopped.contact_id, stopped.firing_no, stopped.enrolled_at,
  arm.to_block AS block, 0 AS place, stopped.due_at AS ready_at, stopped.left_at,
  stopped.step_id AS last_step
FROM stopped
JOIN taken USING (workflow_id, contact_id, firing_no)
JOIN arm USING (workflow_id, block, place, arm)
UNION ALL
SELECT workflow_id, contact_id, firing_no, enrolled_at, to_block, 0, due_at, left_at, last_step
FROM stopped
WHERE kind = 'goto';
