{% from "report/comments.jinja" import comments %}
-- name: report.enrollment_history
-- What happened to each contact in each workflow, in the order of SPEC 4.
CREATE OR REPLACE VIEW report.enrollment_history AS
WITH happened AS (
  SELECT workflow_id, contact_id, met_at AS happened_at, 1 AS place, enrollment_no,
    'goal_met' AS what,
    CONCAT('enrollment ', enrollment_no, ', goal epoch ', goal_epoch,
      CASE WHEN converted THEN ', converted' ELSE '' END) AS detail
  FROM goalsql.conversions
  UNION ALL
  SELECT workflow_id, contact_id, ended_at, CASE WHEN status = 'completed' THEN 6 ELSE 2 END,
    enrollment_no, status,
    CONCAT('enrollment ', enrollment_no,
      CASE WHEN end_reason IS NULL THEN '' ELSE CONCAT(': ', end_reason) END)
  FROM goalsql.enrollments
  WHERE ended_at IS NOT NULL
  UNION ALL
  SELECT workflow_id, contact_id, decided_at, 3, NULL, 'decision', outcome
  FROM goalsql.decisions
  UNION ALL
  SELECT workflow_id, contact_id, enrolled_at, 4, enrollment_no, 'enrolled',
    CONCAT('enrollment ', enrollment_no)
  FROM goalsql.enrollments
  UNION ALL
  SELECT workflow_id, contact_id, executed_at, 5, enrollment_no, 'step',
    CONCAT(step_id, ': ', kind)
  FROM goalsql.outbox
)
SELECT workflow_id, contact_id, happened_at AS "at", what, detail
FROM happened
ORDER BY workflow_id, contact_id, happened_at, place, enrollment_no, detail;
{{ comments("report.enrollment_history",
  "What happened to each contact in each workflow: decisions, enrollments, steps, goal completions and ends, in time order.", {
  "workflow_id": "The workflow.",
  "contact_id": "The contact.",
  "at": "When it happened.",
  "what": "decision, enrolled, step, goal_met, completed or unenrolled.",
  "detail": "The outcome of the decision; the number of the enrollment, with the reason why it ended; the step and its kind."}) }}
