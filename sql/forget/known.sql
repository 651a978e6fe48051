-- name: forgotten.there
-- Whether the database has the table; one of an earlier version has not, until the next tick.
SELECT COUNT(*) > 0
FROM duckdb_tables()
WHERE database_name = CURRENT_DATABASE() AND schema_name = 'goalsql' AND table_name = 'forgotten';
-- name: forgotten.read
-- Who is forgotten.
SELECT salt, digest FROM goalsql.forgotten;
-- name: forgotten.mark
-- What all of them together are told by; NULL where nobody is forgotten.
SELECT MD5(STRING_AGG(digest, ',' ORDER BY digest)) FROM goalsql.forgotten;
