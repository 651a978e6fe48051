-- name: report.last_tick
-- The tick that a report stands for; NULL before the first.
SELECT MAX(tick_at)
FROM goalsql.ticks;
-- name: report.workflows
-- The workflows that it has figures of, also those whose files are gone since.
SELECT workflow_id
FROM goalsql.workflows;
