-- name: forgotten.read
-- Who is forgotten.
SELECT salt, digest FROM goalsql.forgotten;
