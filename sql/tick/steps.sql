-- name: steps.rested
-- Where enrollments come to rest.
CREATE OR REPLACE TEMPORARY TABLE rested (
  workflow_id VARCHAR, contact_id {{ contact_id }}, firing_no BIGINT, block INTEGER,
  place INTEGER, due_at TIMESTAMP, completed_at TIMESTAMP, last_step VARCHAR
);
-- name: steps.start_event_clock
-- Every moving enrollment walks on from its next step, until it leaves.
CREATE OR REPLACE TEMPORARY TABLE walker AS
SELECT moving.workflow_id, moving.contact_id, moving.firing_no, moving.enrolled_at, moving.block,
  moving.place, GREATEST(moving.due_at, in_window.starts_at) AS ready_at,
  COALESCE(leaving.left_at, TIMESTAMP '9999-12-31') AS left_at, moving.last_step
FROM moving
JOIN in_window USING (workflow_id)
LEFT JOIN leaving ON leaving.workflow_id = moving.workflow_id
  AND leaving.contact_id = moving.contact_id AND leaving.firing_no = moving.firing_no
WHERE in_window.enabled;
-- name: steps.start_tick_clock
-- Every enrollment still active at the tick runs, at the tick, what is due by then.
CREATE OR REPLACE TEMPORARY TABLE walker AS
SELECT settled.workflow_id, contact_id, firing_no, enrolled_at, block, place,
  GREATEST(due_at, $tick_at) AS ready_at, TIMESTAMP '9999-12-31' AS left_at, last_step
FROM settled
JOIN in_window USING (workflow_id)
WHERE in_window.enabled AND settled.status = 'active';
-- name: steps.settle_tick_clock
-- How those enrollments stand after their steps.
CREATE OR REPLACE TEMPORARY TABLE settled AS
SELECT settled.workflow_id, settled.contact_id, settled.firing_no, settled.enrollment_no,
  settled.triggered_at, settled.enrolled_at,
  CASE WHEN rested.completed_at IS NULL THEN settled.status ELSE 'completed' END AS status,
  COALESCE(rested.completed_at, settled.ended_at) AS ended_at,
  settled.end_reason,
  COALESCE(rested.block, settled.block) AS block,
  COALESCE(rested.place, settled.place) AS place,
  COALESCE(rested.due_at, settled.due_at) AS due_at,
  COALESCE(rested.last_step, settled.last_step) AS last_step
FROM settled
LEFT JOIN rested ON settled.status = 'active' AND rested.workflow_id = settled.workflow_id
  AND rested.contact_id = settled.contact_id AND rested.firing_no = settled.firing_no;
