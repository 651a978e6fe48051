{% set tables = [
  "decisions", "enrollments", "goal_completions", "receipts", "email_responses", "outbox",
  "enroll_queue", "last_found", "observed_values", "observed_members", "matches", "changes",
  "members", "known_contacts", "next_turns",
] %}
-- name: forget.leaving_event
-- Makes room for the events of the contacts that are to be forgotten.
CREATE OR REPLACE TEMPORARY TABLE leaving_event (event VARCHAR, event_id VARCHAR);
-- name: forget.matched_events
-- Their events that are remembered.
INSERT INTO leaving_event
SELECT matcher_event.event, matches.event_id
FROM goalsql.matches
JOIN matcher_event USING (matcher)
SEMI JOIN leaving USING (contact_id)
WHERE matches.event_id IS NOT NULL;
-- name: forget.passages
-- Their passages through workflows as events, whose ids hold the contact's own.
INSERT INTO leaving_event
SELECT built_in.event, CAST(JSON_ARRAY(workflow_id, contact_id, enrollment_no) AS VARCHAR)
FROM goalsql.enrollments
SEMI JOIN leaving USING (contact_id)
CROSS JOIN (
  VALUES ('workflow_enrolled'), ('workflow_unenrolled'), ('workflow_completed')
) AS built_in(event);
-- name: forget.completions
-- And their goal completions.
INSERT INTO leaving_event
SELECT 'workflow_goal_met',
  CAST(JSON_ARRAY(workflow_id, contact_id, enrollment_no, goal_epoch) AS VARCHAR)
FROM goalsql.goal_completions
SEMI JOIN leaving USING (contact_id);
-- name: forget.seen_events
-- Removes what is known of these events.
DELETE FROM goalsql.seen_events AS seen
USING leaving_event
WHERE seen.event = leaving_event.event AND seen.event_id = leaving_event.event_id;
-- name: forget.count
-- How many rows of each table are of whom.
{% for table in tables %}
SELECT '{{ table }}' AS relation, CAST(contact_id AS VARCHAR) AS contact, COUNT(*) AS removed
FROM goalsql.{{ table }}
SEMI JOIN leaving USING (contact_id)
GROUP BY contact_id
{{ "UNION ALL" if not loop.last else ";" }}
{% endfor %}
{% for table in tables %}
-- name: forget.{{ table }}
-- Removes the rows of those contacts.
DELETE FROM goalsql.{{ table }}
WHERE contact_id IN (SELECT contact_id FROM leaving);
{% endfor %}
