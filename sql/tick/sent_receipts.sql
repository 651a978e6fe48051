-- name: sent_receipts.keep
-- Without email events, each marketing email that the tick sent is a receipt.
INSERT INTO goalsql.receipts
SELECT workflow_id, contact_id, JSON_EXTRACT_STRING(payload, '$.email'), executed_at, NULL,
  $tick_id
FROM goalsql.outbox
SEMI JOIN in_window USING (workflow_id)
WHERE tick_id = $tick_id AND kind = 'send_email'
  AND CAST(JSON_EXTRACT_STRING(payload, '$.marketing') AS BOOLEAN);
