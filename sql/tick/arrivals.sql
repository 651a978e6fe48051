{% from "macros/differing.sql" import differing %}
-- name: arrivals.touched
-- Contacts of whom something is new: the tick looks at these only.
CREATE OR REPLACE TEMPORARY TABLE touched (contact_id {{ contact_id }});
-- name: arrivals.arrived
-- Events that some rule asks for, of rows that no earlier tick has seen.
CREATE OR REPLACE TEMPORARY TABLE arrived (
  matcher INTEGER, contact_id {{ contact_id }}, occurred_at TIMESTAMP, event_id VARCHAR,
  event_key UBIGINT
);
-- name: arrivals.arrived_again
-- Events that some rule asks for, of sources that were read whole once more.
CREATE OR REPLACE TEMPORARY TABLE arrived_again (
  matcher INTEGER, contact_id {{ contact_id }}, occurred_at TIMESTAMP, event_id VARCHAR,
  event_key UBIGINT
);
-- name: arrivals.forget_matches
-- Makes room for the matches of all sources.
DELETE FROM goalsql.matches;
-- name: arrivals.forget_dropped_matches
-- What no rule asks for any more is not remembered.
DELETE FROM goalsql.matches
WHERE matcher IN (SELECT matcher FROM dropped);
-- name: arrivals.touch_matches
-- Whoever has new matches is touched.
INSERT INTO touched
SELECT contact_id FROM arrived;
-- name: arrivals.keep_matches
-- They are remembered.
INSERT INTO goalsql.matches
SELECT matcher, contact_id, occurred_at, event_id, event_key FROM arrived;
-- name: arrivals.touch_matches_again
-- Of sources that were read once more, whoever has other matches than before is touched.
INSERT INTO touched
{{ differing(
  "arrived_again", "goalsql.matches SEMI JOIN again USING (matcher)",
  "matcher, occurred_at, event_id, event_key"
) }};
-- name: arrivals.forget_matches_again
-- Makes room for their matches.
DELETE FROM goalsql.matches
WHERE matcher IN (SELECT matcher FROM again);
-- name: arrivals.keep_matches_again
-- They are remembered instead.
INSERT INTO goalsql.matches
SELECT matcher, contact_id, occurred_at, event_id, event_key FROM arrived_again;
-- name: arrivals.forget_changes
-- Makes room for the property changes.
DELETE FROM goalsql.changes;
-- name: arrivals.forget_dropped_changes
-- Changes of properties that no rule uses any more are not remembered.
DELETE FROM goalsql.changes
WHERE property IN (SELECT property FROM dropped_property);
-- name: arrivals.new_changes
-- Those from after the last tick are remembered already, if an earlier one has read them.
CREATE OR REPLACE TEMPORARY TABLE arrived_change AS
SELECT now.property, now.contact_id, now.occurred_at, now.value
FROM arrived_change AS now
ANTI JOIN goalsql.changes AS before
  ON before.property = now.property AND before.contact_id = now.contact_id
  AND before.occurred_at = now.occurred_at AND before.value IS NOT DISTINCT FROM now.value
  AND before.occurred_at > $last_tick_at;
-- name: arrivals.touch_changes
-- Whoever has a new property change is touched.
INSERT INTO touched
SELECT contact_id FROM arrived_change;
-- name: arrivals.keep_changes
-- They are remembered.
INSERT INTO goalsql.changes
SELECT property, contact_id, occurred_at, value FROM arrived_change;
-- name: arrivals.touch_changes_again
-- Property changes that were read once more: whoever has others than before is touched.
INSERT INTO touched
{{ differing("arrived_change", "goalsql.changes", "property, occurred_at, value") }};
-- name: arrivals.change
-- The property changes that the tick looks at.
CREATE OR REPLACE TEMPORARY VIEW change AS
SELECT property, contact_id, occurred_at, value
FROM goalsql.changes
{% if some %}
SEMI JOIN contact USING (contact_id)
{% endif %};
-- name: arrivals.forget_changed_properties
-- Makes room for the names of the properties that have rows.
DELETE FROM goalsql.changed_properties;
-- name: arrivals.touch_members
-- Whoever has come to a static segment or gone from it is touched.
INSERT INTO touched
{{ differing("arrived_member", "goalsql.members", "segment, added_at") }};
-- name: arrivals.forget_members
-- Makes room for the members of static segments.
DELETE FROM goalsql.members;
-- name: arrivals.keep_members
-- They are remembered.
INSERT INTO goalsql.members
SELECT segment, contact_id, added_at FROM arrived_member;
-- name: arrivals.touch_observed_members
-- So is whoever was found to come or go.
INSERT INTO touched
SELECT contact_id FROM goalsql.observed_members
WHERE valid_from = $tick_at OR valid_to = $tick_at;
-- name: arrivals.touch_contacts
-- Contacts that are new, gone, or were created at another instant.
INSERT INTO touched
SELECT contact_id
FROM contact
FULL JOIN goalsql.known_contacts AS before USING (contact_id)
WHERE contact.created_at IS DISTINCT FROM before.created_at;
-- name: arrivals.touch_created
-- Contacts that the source had before they were created.
INSERT INTO touched
SELECT contact_id FROM "new source contacts"
WHERE created_at <= $tick_at AND contact_id IS NOT NULL;
-- name: arrivals.forget_contacts
-- Makes room for the contacts.
DELETE FROM goalsql.known_contacts;
-- name: arrivals.keep_contacts
-- They are remembered.
INSERT INTO goalsql.known_contacts
SELECT contact_id, created_at FROM contact;
-- name: arrivals.keep_created
-- They are known from now on.
INSERT INTO goalsql.known_contacts
SELECT contact_id, created_at FROM contact
ANTI JOIN goalsql.known_contacts USING (contact_id);
-- name: arrivals.touch_due
-- Contacts of whom something turns in the window, who have a step due, whose property changes or who
-- come to a static segment at an instant that was not reached before, or are enrolled by hand.
INSERT INTO touched
SELECT contact_id FROM goalsql.next_turns WHERE turns_at <= $tick_at
UNION ALL
SELECT contact_id
FROM goalsql.enrollments
JOIN goalsql.workflows USING (workflow_id)
WHERE status = 'active' AND due_at <= $tick_at AND enabled
UNION ALL
SELECT contact_id FROM goalsql.changes
WHERE occurred_at > $last_tick_at AND occurred_at <= $tick_at
UNION ALL
SELECT contact_id FROM goalsql.members
WHERE added_at > $last_tick_at AND added_at <= $tick_at
UNION ALL
SELECT contact_id FROM goalsql.enroll_queue;
-- name: arrivals.gone
-- Contacts with an active enrollment that are no longer there.
CREATE OR REPLACE TEMPORARY TABLE gone AS
SELECT DISTINCT contact_id
FROM goalsql.enrollments
{% if contacts_known %}
WHERE FALSE;
{% else %}
ANTI JOIN goalsql.known_contacts USING (contact_id)
WHERE status = 'active';
{% endif %}
-- name: arrivals.everyone
-- All contacts, for workflows that are looked at whole.
CREATE OR REPLACE TEMPORARY TABLE everyone AS
SELECT * FROM contact;
-- name: arrivals.widen
-- From here on, all of them are looked at.
CREATE OR REPLACE TEMPORARY TABLE contact AS
SELECT * FROM everyone;
-- name: arrivals.narrow
-- Only those are looked at.
CREATE OR REPLACE TEMPORARY TABLE contact AS
SELECT * FROM contact
SEMI JOIN touched USING (contact_id);
-- name: arrivals.matches
-- What is remembered of the events of the contacts that are looked at.
CREATE OR REPLACE TEMPORARY TABLE touched_match AS
SELECT matcher, contact_id, occurred_at, event_id, event_key
FROM goalsql.matches
SEMI JOIN contact USING (contact_id);
-- name: arrivals.other_turns
-- Contacts that were looked at for some workflows only are looked at again for the others too.
INSERT INTO later
SELECT contact_id, turns_at FROM goalsql.next_turns
ANTI JOIN touched USING (contact_id);
-- name: arrivals.forget_turns
-- Makes room for when they are to be looked at again.
DELETE FROM goalsql.next_turns
{% if some and not whole %}
WHERE contact_id IN (SELECT contact_id FROM touched)
{% endif %};
-- name: arrivals.keep_turns
-- The first instant of each is remembered.
INSERT INTO goalsql.next_turns
SELECT contact_id, MIN(turned_at)
FROM later
GROUP BY contact_id;
