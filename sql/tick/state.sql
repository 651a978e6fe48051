-- name: state.forget
-- Makes room for the workflows as they are applied now.
DELETE FROM goalsql.workflows;
-- name: state.forget_project
-- Makes room for the project as it is now.
DELETE FROM goalsql.project;
-- name: state.forget_source_rows
-- Makes room for the new counts.
DELETE FROM goalsql.source_rows;
-- name: state.tick
-- The tick's own row, written last.
INSERT INTO goalsql.ticks
SELECT :tick_id, :tick_at, :clock, :mode, :started_at, :finished_at, :new_events, :orphan_events,
  :bad_rows,
  (SELECT COUNT(*) FROM new_decision),
  (SELECT COUNT(*) FROM new_decision WHERE outcome = 'enrolled'),
  (SELECT COUNT(*) FROM settled WHERE status = 'unenrolled'),
  (SELECT COUNT(*) FROM new_completion),
  (SELECT COUNT(*) FROM new_outbox)
RETURNING *;
