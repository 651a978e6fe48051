-- name: keep.kept
-- Numbers the enrollments that came to be.
CREATE OR REPLACE TEMPORARY TABLE kept AS
SELECT standing.*,
  enrollments_before
    + ROW_NUMBER() OVER (PARTITION BY workflow_id, contact_id ORDER BY firing_no) AS enrollment_no
FROM standing
SEMI JOIN chain USING (workflow_id, contact_id, firing_no);
-- name: keep.settled
-- Keeps how they stand.
INSERT INTO settled
SELECT workflow_id, contact_id, firing_no, enrollment_no, triggered_at, enrolled_at, status,
  ended_at, end_reason, block, place, due_at, last_step, busy_to
FROM kept;
-- name: keep.met_goal
-- Enrollments that the goal ended have met it.
INSERT INTO new_completion
SELECT workflow_id, contact_id, enrollment_no, met_at
FROM kept
WHERE end_reason = 'goal_met';
-- name: keep.pairs
-- Contacts whose last enrollment has ended may fire again.
CREATE OR REPLACE TEMPORARY TABLE pair AS
WITH last AS (
  SELECT workflow_id, contact_id, MAX(firing_no) AS firing_no
  FROM kept
  GROUP BY workflow_id, contact_id
)
SELECT workflow_id, contact_id, firing_no, kept.enrollment_no, kept.busy_to
FROM kept
SEMI JOIN last USING (workflow_id, contact_id, firing_no)
WHERE kept.status <> 'active';
-- name: keep.clear_moving
-- They move no more.
DELETE FROM moving;
