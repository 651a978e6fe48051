-- name: state.forget
-- Makes room for the workflows as they are applied now.
DELETE FROM goalsql.workflows;
-- name: state.forget_project
-- Makes room for the project as it is now.
DELETE FROM goalsql.project;
-- name: state.forget_source_rows
-- Makes room for the new counts.
DELETE FROM goalsql.source_rows;
-- name: state.tally
-- What the tick did, level by level.
CREATE OR REPLACE TEMPORARY TABLE tally (
  decisions BIGINT, enrolled BIGINT, unenrolled BIGINT, goal_completions BIGINT, steps_run BIGINT
);
-- name: state.forget_seen_rows
-- Makes room for the rows of tables that are seen now.
DELETE FROM goalsql.seen_rows;
-- name: state.forget_remembered
-- Makes room for what the rules are now.
DELETE FROM goalsql.remembered;
-- name: state.forget_parts
-- Makes room for the files as they are now.
DELETE FROM goalsql.source_parts;
-- name: state.clear_queue
-- Manual enrollments have been decided.
DELETE FROM goalsql.enroll_queue;
-- name: state.tick
-- The tick's own row, written last.
INSERT INTO goalsql.ticks
SELECT $tick_id, $tick_at, $clock, $mode, $started_at, $finished_at, $new_events, $orphan_events,
  $bad_rows,
  SUM(decisions), SUM(enrolled), SUM(unenrolled), SUM(goal_completions), SUM(steps_run)
FROM tally
RETURNING *;
