-- name: sent_receipts.keep
-- Without email events, each marketing email that the tick sent is a receipt.
INSERT INTO goalsql.receipts
SELECT ran.workflow_id, ran.contact_id, JSON_EXTRACT_STRING(item.payload, '$.email'),
  ran.executed_at, NULL, $tick_id
FROM new_outbox AS ran
JOIN item ON item.workflow_id = ran.workflow_id AND item.step_id = ran.step_id
WHERE item.kind = 'send_email'
  AND CAST(JSON_EXTRACT_STRING(item.payload, '$.marketing') AS BOOLEAN);
