{% from "macros/inside.sql" import inside %}
-- name: decide.decisions
-- What came of each firing: it depends on the enrollment before it. Of a contact that can never be
-- enrolled again, only the first later one is told.
INSERT INTO new_decision
WITH earlier AS (
  SELECT workflow_id, contact_id, firing_no, enrollment_no, busy_to
  FROM settled
  UNION ALL
  SELECT workflow_id, contact_id, firing_no, enrollment_no, busy_to
  FROM idle
),
faced AS (
  SELECT firing.workflow_id, firing.contact_id, firing.firing_no, firing.triggered_at,
    firing.decided_at,
    CASE
      WHEN firing.decided_at < earlier.busy_to THEN 'already_active'
      WHEN earlier.enrollment_no > 0 AND NOT firing.re_enroll THEN 'not_re_enrollable'
      ELSE firing.outcome
    END AS outcome,
    earlier.enrollment_no > 0 AND NOT in_window.re_enroll AS is_last
  FROM firing
  JOIN in_window USING (workflow_id)
  ASOF JOIN earlier ON earlier.workflow_id = firing.workflow_id
    AND earlier.contact_id = firing.contact_id AND earlier.firing_no < firing.firing_no
),
told_now AS (
  SELECT workflow_id, contact_id, MIN(firing_no) AS firing_no
  FROM faced
  ANTI JOIN told USING (workflow_id, contact_id)
  WHERE is_last
  GROUP BY workflow_id, contact_id
)
SELECT workflow_id, contact_id, triggered_at, decided_at, outcome
FROM faced
WHERE NOT is_last
UNION ALL
SELECT workflow_id, contact_id, triggered_at, decided_at, outcome
FROM faced
SEMI JOIN told_now USING (workflow_id, contact_id, firing_no);
-- name: decide.met_goal_later
-- A completed enrollment meets the goal at its first instant inside it, until the next one opens. In
-- a later epoch of the goal, only what began in it counts.
INSERT INTO new_completion
WITH watched AS (
  SELECT workflow_id, contact_id, firing_no, enrollment_no, enrolled_at, ended_at AS from_at, status
  FROM settled
  UNION ALL
  SELECT workflow_id, contact_id, firing_no, enrollment_no, enrolled_at, from_at, status
  FROM finished
),
following AS (
  SELECT *,
    LEAD(enrolled_at) OVER (PARTITION BY workflow_id, contact_id ORDER BY firing_no) AS next_at
  FROM watched
),
completed AS (
  SELECT following.*, in_window.epoch_from
  FROM following
  JOIN in_window USING (workflow_id)
  WHERE status = 'completed'
),
in_later_epoch AS (
  SELECT * FROM completed WHERE epoch_from IS NOT NULL
),
goal AS (
  SELECT * FROM role WHERE role.role = 'goal'
),
inside AS (
{{ inside('completed', 'enrollment.*', scoped, 'goal') }}
  UNION ALL
{{ inside('in_later_epoch', 'enrollment.*', scoped, 'goal', 'valid_from') }}
),
earliest AS (
  SELECT workflow_id, contact_id, enrollment_no, next_at, MIN(inside_at) AS goal_at,
    MIN(valid_from) AS goal_from
  FROM inside
  WHERE epoch_from IS NULL OR valid_from >= epoch_from
  GROUP BY workflow_id, contact_id, enrollment_no, next_at
)
SELECT earliest.workflow_id, earliest.contact_id, earliest.enrollment_no,
  CASE WHEN goal_at > in_window.starts_at THEN goal_at ELSE goal_from END
FROM earliest
JOIN in_window USING (workflow_id)
WHERE next_at IS NULL OR goal_at <= next_at;
