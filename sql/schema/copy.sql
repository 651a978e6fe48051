-- name: copy.source
-- The project's database, and its file.
SELECT database_name, path FROM duckdb_databases() WHERE database_name = CURRENT_DATABASE();
-- name: copy.attach
-- Attaches the file that becomes the copy.
ATTACH $path AS "copy of database" (READ_WRITE);
-- name: copy.checkpoint
-- Writes the copy down, so that it is one file.
CHECKPOINT "copy of database";
-- name: copy.detach
-- Closes the copy.
DETACH "copy of database";
-- name: copy.look
-- Attaches an earlier copy.
ATTACH $path AS "copy of database" (READ_ONLY);
-- name: copy.tables
-- Whether it has what only the database of a project has.
SELECT COUNT(*) FROM duckdb_tables()
WHERE database_name = 'copy of database' AND schema_name = 'goalsql'
  AND table_name IN ('project', 'enroll_queue');
-- name: copy.names
-- The name of its project, and of this one; NULL before the first tick.
SELECT (SELECT MAX(name) FROM "copy of database".goalsql.project), MAX(name)
FROM goalsql.project;
