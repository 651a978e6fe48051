-- name: sources.databases
-- Lists the databases that are open; that of the project is a file, once there is one.
SELECT database_name
FROM duckdb_databases()
WHERE NOT internal
ORDER BY path IS NULL;
