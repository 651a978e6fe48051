-- name: explain.contact
-- The contact's own rows: one, unless the source is wrong.
SELECT contact_id, created_at FROM "own source contacts";
-- name: explain.trace
-- A contact that the source no longer has, but the state does.
SELECT contact_id
FROM goalsql.decisions
WHERE contact_id = TRY_CAST($contact_id AS {{ contact_id }})
LIMIT 1;
-- name: explain.similar
-- The contact whose id looks most like one that there is none of.
WITH named AS (
  SELECT CAST(contact_id AS VARCHAR) AS name
  FROM "source contacts"
  WHERE contact_id IS NOT NULL
),
compared AS (
  SELECT name, DAMERAU_LEVENSHTEIN(LOWER(name), LOWER($contact_id)) AS edits
  FROM named
  WHERE ABS(LENGTH(name) - LENGTH($contact_id)) <= 2
)
SELECT name
FROM compared
WHERE edits <= 2 AND edits * 3 <= LENGTH(name)
ORDER BY edits, name
LIMIT 1;
