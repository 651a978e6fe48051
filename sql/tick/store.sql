-- name: store.decisions
-- Records the decisions.
INSERT INTO goalsql.decisions
SELECT workflow_id, contact_id, triggered_at, decided_at, outcome, $tick_id
FROM new_decision;
-- name: store.changed
-- Enrollments that are new or do not stand as they did: only active ones can be as they were.
CREATE OR REPLACE TEMPORARY TABLE changed AS
SELECT settled.workflow_id, settled.contact_id, settled.enrollment_no, settled.triggered_at,
  settled.enrolled_at, settled.status, settled.ended_at, settled.end_reason,
  CASE WHEN settled.status = 'active' THEN item.step_id END AS next_step,
  CASE WHEN settled.status = 'active' THEN settled.due_at END AS due_at, settled.last_step,
  CASE WHEN settled.status <> 'active' THEN $tick_id END AS ended_tick, $tick_id AS tick_id
FROM settled
LEFT JOIN item ON item.workflow_id = settled.workflow_id AND item.block = settled.block
  AND item.place = settled.place
LEFT JOIN goalsql.enrollments AS before ON before.workflow_id = settled.workflow_id
  AND before.contact_id = settled.contact_id AND before.enrollment_no = settled.enrollment_no
WHERE before.workflow_id IS NULL OR settled.status <> 'active'
  OR (before.next_step, before.due_at, before.last_step)
    IS DISTINCT FROM (item.step_id, settled.due_at, settled.last_step);
-- name: store.clear_enrollments
-- Makes room for how they stand now.
DELETE FROM goalsql.enrollments AS e
USING changed
WHERE e.workflow_id = changed.workflow_id AND e.contact_id = changed.contact_id
  AND e.enrollment_no = changed.enrollment_no;
-- name: store.enrollments
-- Records it.
INSERT INTO goalsql.enrollments
FROM changed;
-- name: store.goal_completions
-- Records who met the goal.
INSERT INTO goalsql.goal_completions
SELECT new_completion.workflow_id, in_window.goal_epoch, contact_id, enrollment_no, met_at,
  $tick_at, $tick_id
FROM new_completion
JOIN in_window USING (workflow_id);
-- name: store.outbox
-- Hands the steps that ran to the systems that act on them.
INSERT INTO goalsql.outbox
SELECT ran.workflow_id, ran.contact_id, settled.enrollment_no, ran.step_id, item.kind,
  item.payload, ran.executed_at, $tick_id
FROM ran
JOIN settled USING (workflow_id, contact_id, firing_no)
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
  (SELECT COUNT(*) FROM goalsql.outbox SEMI JOIN in_window USING (workflow_id)
    WHERE tick_id = $tick_id);
