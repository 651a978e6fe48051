-- name: explain.workflow
-- The workflow as last applied.
SELECT active_from, enabled FROM goalsql.workflows WHERE workflow_id = $workflow_id;
-- name: explain.moving
-- The contact's latest enrollment at that instant: what counts since the enrollment, counts from it.
CREATE OR REPLACE TEMPORARY TABLE moving AS
SELECT *
FROM goalsql.enrollments
WHERE workflow_id = $workflow_id AND contact_id = TRY_CAST($contact_id AS {{ contact_id }})
  AND enrolled_at <= $tick_at
ORDER BY enrollment_no DESC
LIMIT 1;
-- name: explain.enrollment
-- That enrollment.
SELECT enrollment_no, enrolled_at, status, ended_at, end_reason, next_step, due_at FROM moving;
-- name: explain.decision
-- The last decision made of the contact by then.
SELECT decided_at, outcome
FROM goalsql.decisions
WHERE workflow_id = $workflow_id AND contact_id = TRY_CAST($contact_id AS {{ contact_id }})
  AND decided_at <= $tick_at
ORDER BY decided_at DESC
LIMIT 1;
-- name: explain.completion
-- The last goal completion of that enrollment by then, and what it counts.
SELECT met_at, met_goal, converted, first_receipt_at, enrolled_at
FROM goalsql.conversions
SEMI JOIN moving USING (enrollment_no)
WHERE workflow_id = $workflow_id AND contact_id = TRY_CAST($contact_id AS {{ contact_id }})
  AND met_at <= $tick_at
ORDER BY goal_epoch DESC
LIMIT 1;
-- name: explain.waiting
-- Whether the contact waits for the next tick to enroll it.
SELECT COUNT(*) > 0
FROM goalsql.enroll_queue
WHERE workflow_id = $workflow_id AND contact_id = TRY_CAST($contact_id AS {{ contact_id }});
-- name: explain.history
-- What happened to the contact in the workflow by then.
SELECT history."at", history.what, history.detail
FROM report.enrollment_history AS history
WHERE workflow_id = $workflow_id AND contact_id = TRY_CAST($contact_id AS {{ contact_id }})
  AND history."at" <= $tick_at;
