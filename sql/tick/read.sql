-- name: read.tick
-- The last tick.
SELECT tick_id, tick_at FROM goalsql.ticks ORDER BY tick_id DESC LIMIT 1;
-- name: read.workflows
-- The workflows as last applied.
SELECT workflow_id, enabled, goal_epoch, epoch_from, epoch_tick, active_from, trigger_from,
  trigger_tick, re_enroll_from
FROM goalsql.workflows;
-- name: read.versions
-- The last version of each workflow, and the last goal epoch of any that was in force.
SELECT workflow_id, MAX(version), ARG_MAX(definition, version),
  MAX(CASE WHEN in_force_from IS NOT NULL THEN goal_epoch END)
FROM goalsql.workflow_versions
GROUP BY workflow_id;
-- name: read.sources
-- How many rows of each source the last tick saw.
SELECT source, seen_rows, orphan_rows, bad_rows FROM goalsql.source_rows;
-- name: read.waiting
-- Manual enrollments that wait, by workflow.
SELECT workflow_id, COUNT(*) FROM goalsql.enroll_queue GROUP BY workflow_id;
-- name: read.project
-- Which views the database has, and what that which is remembered of the sources depends on.
SELECT views, rules FROM goalsql.project;
-- name: read.seen_rows
-- Which rows of tables the last tick had seen.
SELECT source, "rows", hashes FROM goalsql.seen_rows;
-- name: read.remembered
-- What is remembered of the sources, and of which rules.
SELECT kind, asked, matcher, uses FROM goalsql.remembered;
-- name: read.parts
-- The files that the sources were read from.
SELECT source, file, size, modified, inode, pending FROM goalsql.source_parts;
-- name: read.changed_properties
-- The properties that property_changes has rows of.
SELECT property FROM goalsql.changed_properties;
