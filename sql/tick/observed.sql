-- name: observed.values
-- Keeps each value that changed, and with the first one what stood before it.
INSERT INTO goalsql.observed_values
SELECT property, contact_id, NULL, before
FROM changed
ANTI JOIN goalsql.observed_values USING (property, contact_id)
UNION ALL
SELECT property, contact_id, changed_at, value
FROM changed;
-- name: observed.forget
-- Makes room for the values of contacts that are new or have changed.
DELETE FROM goalsql.last_found AS found
USING found_now
WHERE found.contact_id = found_now.contact_id;
-- name: observed.keep
-- Keeps their values as found now.
INSERT INTO goalsql.last_found
SELECT * FROM found_now;
-- name: observed.touch
-- Whoever has other values than before is touched.
INSERT INTO touched
SELECT contact_id FROM found_now;
-- name: observed.touch_changed
-- Whoever changed is touched, where new properties are found of all contacts.
INSERT INTO touched
SELECT contact_id FROM changed;
-- name: observed.histories
-- Contacts that were seen to change have a history too.
INSERT INTO history
SELECT DISTINCT property, contact_id, FALSE
FROM goalsql.observed_values
ANTI JOIN history USING (property, contact_id);
-- name: observed.properties
-- The properties of which changes have been observed.
SELECT DISTINCT property FROM goalsql.observed_values;
