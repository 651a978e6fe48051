{% from "macros/received.sql" import received %}
-- name: store.clear_receipts
-- Receipts are what is known now.
DELETE FROM goalsql.receipts
WHERE workflow_id IN (SELECT workflow_id FROM in_level);
-- name: store.receipts
{% if source %}
-- Marketing emails of the level's workflows that reached their contacts.
INSERT INTO goalsql.receipts
{{ received("events marketing_email", "in_level", loaded_at, email_type) }};
{% else %}
-- Without email events, each marketing email in the outbox is a receipt.
INSERT INTO goalsql.receipts
WITH sent AS (
  SELECT payload, JSON_EXTRACT_STRING(payload, '$.email') AS email_id
  FROM (SELECT DISTINCT payload FROM goalsql.outbox WHERE kind = 'send_email') AS email
  WHERE CAST(JSON_EXTRACT_STRING(payload, '$.marketing') AS BOOLEAN)
)
SELECT outbox.workflow_id, outbox.contact_id, sent.email_id, outbox.executed_at, NULL
FROM goalsql.outbox
JOIN sent USING (payload)
SEMI JOIN in_level ON in_level.workflow_id = outbox.workflow_id
WHERE outbox.kind = 'send_email';
{% endif %}
