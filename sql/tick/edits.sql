-- name: edits.steps
-- Active enrollments of workflows whose steps were edited go on where SPEC 5 says: at their next
-- step or the first one after it that is left, else after the last step that they ran.
UPDATE goalsql.enrollments AS e
SET next_step = moved.to_step, due_at = moved.due_at, tick_id = $tick_id
FROM (
  SELECT waiting.workflow_id, waiting.contact_id, waiting.enrollment_no,
    CASE
      WHEN step_move.to_step IS NOT NULL THEN step_move.to_step
      WHEN waiting.last_step IS NULL THEN edited.first_step
      ELSE step_after.to_step
    END AS to_step,
    CASE
      WHEN step_move.to_step IS NULL AND waiting.last_step IS NOT NULL
        AND step_after.last_step IS NULL
      THEN edited.starts_at
      ELSE waiting.due_at
    END AS due_at
  FROM goalsql.enrollments AS waiting
  JOIN edited USING (workflow_id)
  LEFT JOIN step_move USING (workflow_id, next_step)
  LEFT JOIN step_after USING (workflow_id, last_step)
  WHERE waiting.status = 'active'
) AS moved
WHERE e.workflow_id = moved.workflow_id AND e.contact_id = moved.contact_id
  AND e.enrollment_no = moved.enrollment_no
  AND (e.next_step, e.due_at) IS DISTINCT FROM (moved.to_step, moved.due_at);
-- name: edits.in_force
-- A version that was applied before any tick saw its workflow enabled counts from active_from on.
UPDATE goalsql.workflow_versions AS version
SET in_force_from = latest.active_from
FROM (
  SELECT workflow_id, MAX(version.version) AS version, MAX(workflow.active_from) AS active_from
  FROM goalsql.workflow_versions AS version
  JOIN goalsql.workflows AS workflow USING (workflow_id)
  GROUP BY workflow_id
) AS latest
WHERE version.workflow_id = latest.workflow_id AND version.version = latest.version
  AND version.in_force_from IS NULL AND latest.active_from IS NOT NULL;
