{% from "macros/received.sql" import received %}
-- name: store.found_receipts
{% if source %}
-- Marketing emails of the level's workflows that reached their contacts, with the ticks that first
-- knew of them.
{% else %}
-- Without email events, each marketing email in the outbox is a receipt.
{% endif %}
CREATE OR REPLACE TEMPORARY TABLE found_receipt AS
WITH found AS (
{% if source %}
{{ received("events marketing_email", "in_level", loaded_at, email_type) }}
{% else %}
  SELECT outbox.workflow_id, outbox.contact_id, sent.email_id, outbox.executed_at AS received_at,
    CAST(NULL AS VARCHAR) AS event_id
  FROM goalsql.outbox
  JOIN (
    SELECT payload, JSON_EXTRACT_STRING(payload, '$.email') AS email_id
    FROM (SELECT DISTINCT payload FROM goalsql.outbox WHERE kind = 'send_email') AS email
    WHERE CAST(JSON_EXTRACT_STRING(payload, '$.marketing') AS BOOLEAN)
  ) AS sent USING (payload)
  SEMI JOIN in_level ON in_level.workflow_id = outbox.workflow_id
  WHERE outbox.kind = 'send_email'
{% endif %}
),
known AS (
  SELECT workflow_id, contact_id, email_id, received_at, event_id, MIN(tick_id) AS tick_id
  FROM goalsql.receipts
  SEMI JOIN in_level USING (workflow_id)
  GROUP BY workflow_id, contact_id, email_id, received_at, event_id
)
SELECT found.*, COALESCE(known.tick_id, $tick_id) AS tick_id
FROM found
LEFT JOIN known ON known.workflow_id = found.workflow_id AND known.contact_id = found.contact_id
  AND known.received_at = found.received_at AND known.email_id IS NOT DISTINCT FROM found.email_id
  AND known.event_id IS NOT DISTINCT FROM found.event_id;
-- name: store.clear_receipts
-- Receipts are what is known now.
DELETE FROM goalsql.receipts
WHERE workflow_id IN (SELECT workflow_id FROM in_level);
-- name: store.receipts
-- Records them.
INSERT INTO goalsql.receipts
FROM found_receipt;
