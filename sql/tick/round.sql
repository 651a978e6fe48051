{% from "macros/inside.sql" import inside %}
-- name: round.leaving
-- Where each moving enrollment leaves: the first instant inside its goal or an exit.
CREATE OR REPLACE TEMPORARY TABLE leaving AS
WITH inside AS (
{{ inside('moving', 'enrollment.workflow_id, enrollment.contact_id', scoped) }}
),
earliest AS (
  SELECT workflow_id, contact_id,
    MIN(CASE WHEN role = 'goal' THEN inside_at END) AS goal_at,
    MIN(CASE WHEN role = 'goal' THEN valid_from END) AS goal_from,
    MIN(CASE WHEN role = 'suppressed' THEN inside_at END) AS suppressed_at,
    MIN(inside_at) AS left_at
  FROM inside
  GROUP BY workflow_id, contact_id
)
SELECT earliest.workflow_id, contact_id, left_at,
  CASE
    WHEN goal_at = left_at THEN 'goal_met'
    WHEN suppressed_at = left_at THEN 'suppressed'
    ELSE 'unenrollment_trigger'
  END AS end_reason,
  CASE WHEN goal_at > in_window.starts_at THEN goal_at ELSE goal_from END AS met_at
FROM earliest
JOIN in_window USING (workflow_id);
-- name: round.settle
-- How each moving enrollment stands when the window ends.
CREATE OR REPLACE TEMPORARY TABLE standing AS
SELECT moving.workflow_id, moving.contact_id, moving.enrollment_no, moving.triggered_at,
  moving.enrolled_at, moving.after_at,
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
  CASE WHEN rested.completed_at IS NULL THEN leaving.met_at END AS met_at
FROM moving
LEFT JOIN leaving USING (workflow_id, contact_id)
LEFT JOIN rested USING (workflow_id, contact_id);
-- name: round.keep
-- Keeps how they stand.
INSERT INTO settled
SELECT workflow_id, contact_id, enrollment_no, triggered_at, enrolled_at, status, ended_at,
  end_reason, block, place, due_at, last_step
FROM standing;
-- name: round.met_goal
-- Enrollments that the goal ended have met it.
INSERT INTO new_completion
SELECT workflow_id, contact_id, enrollment_no, met_at
FROM standing
WHERE end_reason = 'goal_met';
-- name: round.pairs
-- Firings that come while the enrollment is active find the contact busy.
INSERT INTO pair
SELECT workflow_id, contact_id, enrollment_no, after_at,
  CASE status
    WHEN 'active' THEN TIMESTAMP '9999-12-31'
    WHEN 'completed' THEN ended_at + TO_MICROSECONDS(1)
    ELSE ended_at
  END
FROM standing;
-- name: round.decide
-- Decides the firings of each contact up to the first that enrols it.
CREATE OR REPLACE TEMPORARY TABLE decided AS
WITH faced AS (
  SELECT pair.workflow_id, pair.contact_id, pair.enrollment_no, firing.triggered_at,
    firing.decided_at,
    CASE
      WHEN firing.decided_at < pair.busy_to THEN 'already_active'
      WHEN pair.enrollment_no > 0 AND NOT firing.re_enroll THEN 'not_re_enrollable'
      ELSE firing.outcome
    END AS outcome,
    pair.enrollment_no > 0 AND NOT in_window.re_enroll AS is_last
  FROM pair
  JOIN firing USING (workflow_id, contact_id)
  JOIN in_window ON in_window.workflow_id = pair.workflow_id
  WHERE firing.decided_at > pair.after_at
),
bounds AS (
  SELECT workflow_id, contact_id,
    MIN(CASE WHEN outcome = 'enrolled' THEN decided_at END) AS opens_at,
    MIN(decided_at) AS first_at
  FROM faced
  GROUP BY workflow_id, contact_id
)
SELECT workflow_id, contact_id, enrollment_no, triggered_at, decided_at, outcome
FROM faced
JOIN bounds USING (workflow_id, contact_id)
WHERE NOT is_last AND decided_at <= COALESCE(opens_at, decided_at)
UNION ALL
SELECT workflow_id, contact_id, enrollment_no, triggered_at, decided_at, outcome
FROM faced
JOIN bounds USING (workflow_id, contact_id)
ANTI JOIN told USING (workflow_id, contact_id)
WHERE is_last AND decided_at = first_at;
-- name: round.record
-- Records the decisions.
INSERT INTO new_decision
SELECT workflow_id, contact_id, triggered_at, decided_at, outcome
FROM decided;
-- name: round.finish
-- Enrollments completed in this round may meet the goal afterwards.
INSERT INTO finished
SELECT standing.workflow_id, contact_id, enrollment_no, enrolled_at, ended_at, epoch_from
FROM standing
JOIN in_window USING (workflow_id)
WHERE status = 'completed';
-- name: round.met_goal_later
-- A completed enrollment meets the goal at its first instant inside it, until the next one opens.
INSERT INTO new_completion
WITH inside AS (
{{ inside('finished', 'enrollment.*', scoped) }}
),
earliest AS (
  SELECT workflow_id, contact_id, enrollment_no, MIN(inside_at) AS goal_at,
    MIN(valid_from) AS goal_from
  FROM inside
  WHERE role = 'goal' AND (epoch_from IS NULL OR valid_from >= epoch_from)
  GROUP BY workflow_id, contact_id, enrollment_no
)
SELECT earliest.workflow_id, earliest.contact_id, earliest.enrollment_no,
  CASE WHEN goal_at > in_window.starts_at THEN goal_at ELSE goal_from END
FROM earliest
JOIN in_window ON in_window.workflow_id = earliest.workflow_id
LEFT JOIN decided ON decided.workflow_id = earliest.workflow_id
  AND decided.contact_id = earliest.contact_id AND decided.outcome = 'enrolled'
WHERE decided.decided_at IS NULL OR goal_at <= decided.decided_at;
-- name: round.open
-- Opens the enrollments just decided; they move in the next round.
CREATE OR REPLACE TEMPORARY TABLE moving AS
SELECT workflow_id, contact_id, enrollment_no + 1 AS enrollment_no, triggered_at,
  decided_at AS enrolled_at, decided_at AS from_at, decided_at AS after_at,
  0 AS block, 0 AS place, decided_at AS due_at, NULL AS last_step
FROM decided
WHERE outcome = 'enrolled';
-- name: round.clear_pairs
-- Contacts without a new enrollment are done.
DELETE FROM pair;
-- name: round.clear_finished
-- So are completed enrollments.
DELETE FROM finished;
