{% from "macros/span.sql" import span %}
{% from "report/comments.jinja" import comments %}
-- name: report.goal_contacts
-- Who met a goal, in every epoch, and how long it took from the first email.
CREATE OR REPLACE VIEW report.goal_contacts AS
SELECT workflow_id, goal_epoch, contact_id, enrollment_no, first_receipt_at, met_at, observed_at,
  converted, unenrolled_by_goal,
  CASE WHEN converted THEN met_at - first_receipt_at END AS time_to_goal
FROM goalsql.conversions
ORDER BY workflow_id, goal_epoch, contact_id, enrollment_no;
-- name: report.unenrolled_by_goal
-- Enrollments that ended because the goal was met.
CREATE OR REPLACE VIEW report.unenrolled_by_goal AS
SELECT workflow_id, contact_id, enrollment_no, enrolled_at, met_at, converted
FROM goalsql.conversions
WHERE unenrolled_by_goal
ORDER BY workflow_id, goal_epoch, contact_id, enrollment_no;
-- name: report.time_to_goal
-- How long the converted took, from the first email to the goal.
CREATE OR REPLACE VIEW report.time_to_goal AS
WITH first_success AS (
  SELECT workflow_id, goal_epoch, contact_id,
    MIN(EPOCH_US(met_at) - EPOCH_US(first_receipt_at)) AS taken
  FROM goalsql.conversions
  WHERE converted
  GROUP BY workflow_id, goal_epoch, contact_id
)
SELECT workflow_id, goal_epoch, COUNT(*) AS converted,
  {{ span('QUANTILE_CONT(taken, 0.25)') }} AS p25,
  {{ span('QUANTILE_CONT(taken, 0.5)') }} AS median,
  {{ span('QUANTILE_CONT(taken, 0.75)') }} AS p75,
  {{ span('QUANTILE_CONT(taken, 0.9)') }} AS p90
FROM first_success
GROUP BY workflow_id, goal_epoch
ORDER BY workflow_id, goal_epoch;
{{ comments("report.goal_contacts",
  "One row for each goal completion, of every epoch, removed goals too.", {
  "workflow_id": "The workflow.",
  "goal_epoch": "The goal epoch in which the goal was met.",
  "contact_id": "The contact.",
  "enrollment_no": "Which of its enrollments met the goal.",
  "first_receipt_at": "Its first marketing email from the workflow; NULL if it has none.",
  "met_at": "When the goal was met; in an epoch after the first, a goal met before the epoch began counts in no figure.",
  "observed_at": "The tick that found it.",
  "converted": "Whether it was met after the first email, and not before the enrollment or the epoch.",
  "unenrolled_by_goal": "Whether meeting the goal ended the enrollment.",
  "time_to_goal": "met_at - first_receipt_at of the converted; in the Parquet export, seconds."}) }}
{{ comments("report.unenrolled_by_goal", "One row for each enrollment that the goal ended.", {
  "workflow_id": "The workflow.",
  "contact_id": "The contact.",
  "enrollment_no": "Which of its enrollments it was.",
  "enrolled_at": "When it began.",
  "met_at": "When the goal was met.",
  "converted": "Whether that counts as a conversion: it came after a marketing email."}) }}
{{ comments("report.time_to_goal",
  "One row for each workflow and goal epoch with a converted contact: the time from the first email to the goal, interpolated; in the Parquet export, seconds.", {
  "workflow_id": "The workflow.",
  "goal_epoch": "The goal epoch.",
  "converted": "Converted contacts; each counts with its first conversion.",
  "p25": "A quarter of them took no longer.",
  "median": "Half of them took no longer.",
  "p75": "Three quarters of them took no longer.",
  "p90": "Nine in ten of them took no longer."}) }}
