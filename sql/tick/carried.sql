-- name: carried.moving
-- Active enrollments of earlier ticks, where they stand; they came before all firings of this one.
CREATE OR REPLACE TEMPORARY TABLE moving AS
SELECT e.workflow_id, e.contact_id, CAST(0 AS BIGINT) AS firing_no,
  e.enrollment_no - 1 AS enrollments_before, e.triggered_at, e.enrolled_at,
  GREATEST(in_window.starts_at, e.enrolled_at) AS from_at, item.block, item.place, e.due_at,
  e.last_step, TRUE AS is_first
FROM goalsql.enrollments AS e
JOIN in_window USING (workflow_id)
SEMI JOIN contact ON contact.contact_id = e.contact_id
LEFT JOIN item ON item.workflow_id = e.workflow_id AND item.kind <> 'goto'
  AND item.step_id IS NOT DISTINCT FROM e.next_step
WHERE e.status = 'active';
-- name: carried.gone
-- Active enrollments of contacts that are no longer there end at the tick.
INSERT INTO settled
SELECT e.workflow_id, e.contact_id, 0, e.enrollment_no, e.triggered_at, e.enrolled_at, 'unenrolled',
  $tick_at, 'contact_deleted', NULL, NULL, NULL, NULL, $tick_at
FROM goalsql.enrollments AS e
JOIN in_window USING (workflow_id)
SEMI JOIN gone ON gone.contact_id = e.contact_id
WHERE e.status = 'active';
-- name: carried.latest
-- The latest enrollment of each contact in each workflow.
CREATE OR REPLACE TEMPORARY TABLE latest AS
SELECT workflow_id, contact_id, MAX(enrollment_no) AS enrollment_no
FROM goalsql.enrollments
SEMI JOIN in_window USING (workflow_id)
{% if some %}
SEMI JOIN contact USING (contact_id)
{% endif %}
GROUP BY workflow_id, contact_id;
-- name: carried.idle
-- Contacts that fire without an active enrollment: nothing keeps them from being decided.
CREATE OR REPLACE TEMPORARY TABLE idle AS
WITH fires AS (
  SELECT DISTINCT workflow_id, contact_id
  FROM firing
  ANTI JOIN moving USING (workflow_id, contact_id)
)
SELECT fires.workflow_id, fires.contact_id, CAST(0 AS BIGINT) AS firing_no,
  COALESCE(latest.enrollment_no, 0) AS enrollment_no, TIMESTAMP '0001-01-01' AS busy_to
FROM fires
LEFT JOIN latest USING (workflow_id, contact_id);
-- name: carried.pairs
-- They are the first whose firings may enrol.
CREATE OR REPLACE TEMPORARY TABLE pair AS
FROM idle;
-- name: carried.finished
-- Completed enrollments, the latest of their contact, that have not met the goal yet.
CREATE OR REPLACE TEMPORARY TABLE finished AS
SELECT e.workflow_id, e.contact_id, CAST(0 AS BIGINT) AS firing_no, e.enrollment_no, e.enrolled_at,
  GREATEST(in_window.starts_at, e.ended_at) AS from_at, e.status
FROM goalsql.enrollments AS e
JOIN latest USING (workflow_id, contact_id, enrollment_no)
JOIN in_window USING (workflow_id)
SEMI JOIN contact ON contact.contact_id = e.contact_id
ANTI JOIN goalsql.goal_completions AS met
  ON met.workflow_id = e.workflow_id AND met.contact_id = e.contact_id
    AND met.enrollment_no = e.enrollment_no AND met.goal_epoch = in_window.goal_epoch
WHERE e.status = 'completed';
-- name: carried.told
-- Contacts of whom a firing after their latest enrollment is on record: of some, no more are kept.
CREATE OR REPLACE TEMPORARY TABLE told AS
WITH enrolled AS (
  SELECT workflow_id, contact_id, MAX(tick_id) AS tick_id, MAX(decided_at) AS decided_at
  FROM goalsql.decisions
  SEMI JOIN in_window USING (workflow_id)
{% if some %}
  SEMI JOIN contact USING (contact_id)
{% endif %}
  WHERE outcome = 'enrolled'
  GROUP BY workflow_id, contact_id
)
SELECT DISTINCT workflow_id, contact_id
FROM goalsql.decisions AS later
JOIN enrolled USING (workflow_id, contact_id)
WHERE later.outcome IN ('already_active', 'not_re_enrollable')
  AND (later.tick_id > enrolled.tick_id
    OR (later.tick_id = enrolled.tick_id AND later.decided_at > enrolled.decided_at));
