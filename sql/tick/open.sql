-- name: open.moving
-- The next firings of each contact that may enrol: the first of them does, another if it comes when
-- what those before it opened has ended.
INSERT INTO moving
WITH eligible AS (
  SELECT pair.workflow_id, pair.contact_id, pair.enrollment_no, firing.firing_no,
    firing.triggered_at, firing.decided_at, firing.re_enroll
  FROM pair
  JOIN firing USING (workflow_id, contact_id)
  WHERE firing.firing_no > pair.firing_no AND firing.decided_at >= pair.busy_to
    AND firing.outcome = 'enrolled' AND (pair.enrollment_no = 0 OR firing.re_enroll)
),
next AS (
  SELECT workflow_id, contact_id, MIN(firing_no) AS firing_no
  FROM eligible
  GROUP BY workflow_id, contact_id
)
SELECT eligible.workflow_id, eligible.contact_id, eligible.firing_no,
  eligible.enrollment_no AS enrollments_before, eligible.triggered_at,
  eligible.decided_at AS enrolled_at, eligible.decided_at AS from_at, 0 AS block, 0 AS place,
  eligible.decided_at AS due_at, NULL AS last_step,
  eligible.firing_no = next.firing_no AS is_first
FROM eligible
JOIN next USING (workflow_id, contact_id)
WHERE eligible.firing_no = next.firing_no
  OR (eligible.re_enroll AND eligible.firing_no < next.firing_no + $ahead);
