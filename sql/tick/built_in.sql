-- name: view.workflow_enrolled
-- Enrollments as events.
CREATE OR REPLACE TEMPORARY VIEW "events workflow_enrolled" AS
SELECT contact_id, CAST(JSON_ARRAY(workflow_id, contact_id, enrollment_no) AS VARCHAR) AS event_id,
  enrolled_at AS occurred_at, workflow_id
FROM goalsql.enrollments;
-- name: view.workflow_unenrolled
-- Enrollments that ended before the end of their steps, as events.
CREATE OR REPLACE TEMPORARY VIEW "events workflow_unenrolled" AS
SELECT contact_id, CAST(JSON_ARRAY(workflow_id, contact_id, enrollment_no) AS VARCHAR) AS event_id,
  ended_at AS occurred_at, workflow_id, end_reason AS reason
FROM goalsql.enrollments
WHERE status = 'unenrolled';
-- name: view.workflow_completed
-- Enrollments that came to the end of their steps, as events.
CREATE OR REPLACE TEMPORARY VIEW "events workflow_completed" AS
SELECT contact_id, CAST(JSON_ARRAY(workflow_id, contact_id, enrollment_no) AS VARCHAR) AS event_id,
  ended_at AS occurred_at, workflow_id
FROM goalsql.enrollments
WHERE status = 'completed';
-- name: view.workflow_goal_met
-- Goal completions that convert, as events.
CREATE OR REPLACE TEMPORARY VIEW "events workflow_goal_met" AS
SELECT contact_id,
  CAST(JSON_ARRAY(workflow_id, contact_id, enrollment_no, goal_epoch) AS VARCHAR) AS event_id,
  met_at AS occurred_at, workflow_id
FROM goalsql.conversions
WHERE converted;
