-- name: whatif.clear_report
-- The other definition is run from scratch too.
DROP SCHEMA memory.report CASCADE;
-- name: whatif.clear_state
-- So nothing is left of the run before.
DROP SCHEMA memory.goalsql CASCADE;
-- name: whatif.receipts
-- The emails of the workflow count for both definitions.
INSERT INTO goalsql.receipts
SELECT $other_id, contact_id, email_id, received_at, event_id, tick_id
FROM goalsql.receipts
WHERE workflow_id = $workflow_id;
