{% from "macros/differing.sql" import differing %}
{% from "macros/received.sql" import received %}
-- name: new_receipts.found
-- Marketing emails that reached their contacts, of the rows that are new.
CREATE OR REPLACE TEMPORARY TABLE new_receipt AS
SELECT found.*, $tick_id AS tick_id
FROM (
{{ received(view, "receiving", loaded_at, email_type) }}
) AS found;
-- name: new_receipts.touch
-- Whoever received one is touched.
INSERT INTO touched
{% if whole %}
{{ differing(
  "new_receipt", "goalsql.receipts SEMI JOIN receiving USING (workflow_id)",
  "workflow_id, email_id, received_at, event_id"
) }};
{% else %}
SELECT contact_id FROM new_receipt;
{% endif %}
-- name: new_receipts.known
-- An event that stands twice is received once, when it first was; what was known stays so.
INSERT INTO new_receipt
SELECT workflow_id, contact_id, email_id, received_at, event_id, tick_id
FROM goalsql.receipts AS known
SEMI JOIN new_receipt AS again
  ON again.workflow_id = known.workflow_id AND again.contact_id = known.contact_id
  AND again.event_id = known.event_id
{% if whole %}
  AND again.received_at = known.received_at AND again.email_id IS NOT DISTINCT FROM known.email_id
{% endif %};
-- name: new_receipts.forget
-- Makes room for the receipts.
DELETE FROM goalsql.receipts
{% if whole %}
WHERE workflow_id IN (SELECT workflow_id FROM receiving)
{% else %}
WHERE (workflow_id, contact_id, event_id) IN (
  SELECT (workflow_id, contact_id, event_id) FROM new_receipt
)
{% endif %};
-- name: new_receipts.keep
-- They are what is known now.
INSERT INTO goalsql.receipts
SELECT workflow_id, contact_id, email_id, MIN(received_at), event_id,
  ARG_MIN(tick_id, (received_at, tick_id))
FROM new_receipt
GROUP BY workflow_id, contact_id, email_id, event_id;
