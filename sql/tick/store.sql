-- name: store.decisions
-- Records the decisions.
INSERT INTO goalsql.decisions
SELECT workflow_id, contact_id, triggered_at, decided_at, outcome, $tick_id
FROM new_decision;
-- name: store.clear_enrollments
-- Makes room for the new state of the enrollments that the tick touched.
DELETE FROM goalsql.enrollments AS e
USING settled
WHERE e.workflow_id = settled.workflow_id AND e.contact_id = settled.contact_id
  AND e.enrollment_no = settled.enrollment_no;
-- name: store.enrollments
-- Records how they stand.
INSERT INTO goalsql.enrollments
SELECT settled.workflow_id, settled.contact_id, settled.enrollment_no, settled.triggered_at,
  settled.enrolled_at, settled.status, settled.ended_at, settled.end_reason,
  CASE WHEN settled.status = 'active' THEN item.step_id END,
  CASE WHEN settled.status = 'active' THEN settled.due_at END, settled.last_step,
  CASE WHEN settled.status <> 'active' THEN $tick_id END
FROM settled
LEFT JOIN item USING (workflow_id, block, place);
-- name: store.goal_completions
-- Records who met the goal.
INSERT INTO goalsql.goal_completions
SELECT new_completion.workflow_id, in_window.goal_epoch, contact_id, enrollment_no, met_at,
  $tick_at
FROM new_completion
JOIN in_window USING (workflow_id);
-- name: store.outbox
-- Hands the steps that ran to the systems that act on them.
INSERT INTO goalsql.outbox
SELECT ran.workflow_id, ran.contact_id, ran.enrollment_no, ran.step_id, item.kind, item.payload,
  ran.executed_at
FROM new_outbox AS ran
JOIN item ON item.workflow_id = ran.workflow_id AND item.step_id = ran.step_id;
-- name: store.seen_events
-- Remembers which events an event trigger has seen, so that a late one is new when it comes.
INSERT INTO goalsql.seen_events
SELECT DISTINCT workflow_id, event, event_id
FROM new_event;
-- name: store.tally
-- Counts what the level did.
INSERT INTO tally
SELECT
  (SELECT COUNT(*) FROM new_decision),
  (SELECT COUNT(*) FROM new_decision WHERE outcome = 'enrolled'),
  (SELECT COUNT(*) FROM settled WHERE status = 'unenrolled'),
  (SELECT COUNT(*) FROM new_completion),
  (SELECT COUNT(*) FROM new_outbox);
