{% from "macros/inside.sql" import inside %}
-- name: round.leaving
-- Where each moving enrollment leaves: the first instant inside its goal or an exit.
CREATE OR REPLACE TEMPORARY TABLE leaving AS
WITH inside AS (
{{ inside('moving', 'enrollment.workflow_id, enrollment.contact_id, enrollment.firing_no', scoped) }}
),
earliest AS (
  SELECT workflow_id, contact_id, firing_no,
    MIN(CASE WHEN role = 'goal' THEN inside_at END) AS goal_at,
    MIN(CASE WHEN role = 'goal' THEN valid_from END) AS goal_from,
    MIN(CASE WHEN role = 'suppressed' THEN inside_at END) AS suppressed_at,
    MIN(inside_at) AS left_at
  FROM inside
  GROUP BY workflow_id, contact_id, firing_no
)
SELECT earliest.workflow_id, contact_id, firing_no, left_at,
  CASE
    WHEN goal_at = left_at THEN 'goal_met'
    WHEN suppressed_at = left_at THEN 'suppressed'
    ELSE 'unenrollment_trigger'
  END AS end_reason,
  CASE WHEN goal_at > in_window.starts_at THEN goal_at ELSE goal_from END AS met_at
FROM earliest
JOIN in_window USING (workflow_id);
-- name: round.settle
-- How each moving enrollment stands when the window ends, and until when it keeps others out.
CREATE OR REPLACE TEMPORARY TABLE standing AS
SELECT moving.workflow_id, moving.contact_id, moving.firing_no, moving.enrollments_before,
  moving.is_first, moving.triggered_at, moving.enrolled_at,
  CASE
    WHEN rested.completed_at IS NOT NULL THEN 'completed'
    WHEN leaving.left_at IS NOT NULL THEN 'unenrolled'
    ELSE 'active'
  END AS status,
  COALESCE(rested.completed_at, leaving.left_at) AS ended_at,
  CASE WHEN rested.completed_at IS NULL THEN leaving.end_reason END AS end_reason,
  COALESCE(rested.block, moving.block) AS block,
  COALESCE(rested.place, moving.place) AS place,
  COALESCE(rested.due_at, moving.due_at) AS due_at,
  COALESCE(rested.last_step, moving.last_step) AS last_step,
  CASE WHEN rested.completed_at IS NULL THEN leaving.met_at END AS met_at,
  COALESCE(
    rested.completed_at + TO_MICROSECONDS(1), leaving.left_at, TIMESTAMP '9999-12-31'
  ) AS busy_to
FROM moving
LEFT JOIN leaving USING (workflow_id, contact_id, firing_no)
LEFT JOIN rested USING (workflow_id, contact_id, firing_no);
-- name: round.chain
-- Those that come to be: the first of each contact, so far.
CREATE OR REPLACE TEMPORARY TABLE chain AS
SELECT workflow_id, contact_id, firing_no
FROM standing
WHERE is_first;
-- name: round.leap
-- Which other would follow each of them: the first that comes when it has ended.
CREATE OR REPLACE TEMPORARY TABLE leap AS
WITH other AS (
  SELECT workflow_id, contact_id, firing_no, enrolled_at
  FROM standing
  WHERE NOT is_first
)
SELECT standing.workflow_id, standing.contact_id, standing.firing_no, other.firing_no AS to_no
FROM standing
ASOF JOIN other ON other.workflow_id = standing.workflow_id
  AND other.contact_id = standing.contact_id AND other.enrolled_at >= standing.busy_to;
