{% from "macros/received.sql" import counting, first_instant %}
-- name: responses.forget
-- Makes room for the responses to all emails.
DELETE FROM goalsql.email_responses;
-- name: responses.found
-- Who opened and clicked which marketing email, of the rows that are read.
CREATE OR REPLACE TEMPORARY TABLE new_response AS
SELECT workflow_id, contact_id, email_id, event, {{ first_instant() }} AS responded_at
FROM "{{ view }}"
WHERE event IN ('opened', 'clicked') AND workflow_id IS NOT NULL
  AND {{ counting(loaded_at, email_type) }}
GROUP BY workflow_id, contact_id, email_id, event;
-- name: responses.known
-- It is the first time that counts.
INSERT INTO new_response
SELECT known.workflow_id, known.contact_id, known.email_id, known.event, known.responded_at
FROM goalsql.email_responses AS known
SEMI JOIN new_response AS again
  ON again.workflow_id = known.workflow_id AND again.contact_id = known.contact_id
  AND again.email_id IS NOT DISTINCT FROM known.email_id AND again.event = known.event;
-- name: responses.forget_known
-- Makes room for the responses to emails that were responded to again.
DELETE FROM goalsql.email_responses AS known
USING new_response AS again
WHERE again.workflow_id = known.workflow_id AND again.contact_id = known.contact_id
  AND again.email_id IS NOT DISTINCT FROM known.email_id AND again.event = known.event;
-- name: responses.keep
-- They are what is known now.
INSERT INTO goalsql.email_responses
SELECT workflow_id, contact_id, email_id, event, MIN(responded_at)
FROM new_response
GROUP BY workflow_id, contact_id, email_id, event;
