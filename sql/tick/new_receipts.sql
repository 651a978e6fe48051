{% from "macros/differing.sql" import differing %}
-- name: new_receipts.found
-- Marketing emails that reached their contacts, of the rows that are new.
CREATE OR REPLACE TEMPORARY TABLE new_receipt AS
SELECT workflow_id, contact_id, email_id, MIN(occurred_at) AS received_at,
  CAST(event_id AS VARCHAR) AS event_id
FROM "{{ view }}" AS e
SEMI JOIN goalsql.workflows USING (workflow_id)
WHERE e.event = $receipt_event AND occurred_at <= $tick_at AND contact_id IS NOT NULL
  AND event_id IS NOT NULL
{% if loaded_at %}
  AND (loaded_at IS NULL OR loaded_at <= $tick_at)
{% endif %}
{% if email_type %}
  AND email_type = 'marketing'
{% endif %}
GROUP BY workflow_id, contact_id, email_id, event_id;
-- name: new_receipts.touch
-- Whoever received one is touched.
INSERT INTO touched
{% if whole %}
{{ differing(
  "new_receipt", "goalsql.receipts", "workflow_id, email_id, received_at, event_id"
) }};
{% else %}
SELECT contact_id FROM new_receipt;
{% endif %}
{% if whole %}
-- name: new_receipts.forget
-- Makes room for the receipts.
DELETE FROM goalsql.receipts;
{% endif %}
-- name: new_receipts.keep
{% if whole %}
-- All receipts are what is known now.
INSERT INTO goalsql.receipts
SELECT * FROM new_receipt;
{% else %}
-- They are kept, once for each event.
INSERT INTO goalsql.receipts
SELECT * FROM new_receipt
ANTI JOIN goalsql.receipts USING (workflow_id, contact_id, email_id, event_id);
{% endif %}
