-- name: page.tick
-- The project, and the tick that the page stands for; no row before the first.
SELECT project.name, project.timezone, tick.tick_id, tick.tick_at
FROM goalsql.project AS project
CROSS JOIN goalsql.ticks AS tick
ORDER BY tick.tick_id DESC
LIMIT 1;
-- name: page.unenrolled_by_goal
-- The contacts of each workflow that were unenrolled last because they met the goal.
SELECT workflow_id, CAST(contact_id AS VARCHAR) AS contact_id, enrollment_no, enrolled_at, met_at,
  converted
FROM report.unenrolled_by_goal
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY workflow_id ORDER BY met_at DESC, contact_id, enrollment_no
) <= 10
ORDER BY workflow_id, met_at DESC, contact_id, enrollment_no;
