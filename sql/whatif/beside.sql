-- name: beside.attach
-- Attaches the project's database to one in memory, to read only.
ATTACH $path (READ_ONLY);
-- name: beside.schemas
-- Its schemas, as names for the search path; not goalsql's own, which are made anew in memory.
SELECT '"' || REPLACE(database_name, '"', '""') || '"."' || REPLACE(schema_name, '"', '""') || '"'
FROM duckdb_schemas()
WHERE database_name NOT IN ('memory', 'system', 'temp') AND schema_name NOT IN ('goalsql', 'report')
ORDER BY schema_name <> 'main', schema_name;
-- name: beside.look_up
-- Makes everything in memory, and finds the tables of the project's database as if it were open.
SET search_path = $search_path;
-- name: beside.observed
-- The tables of the project's state that hold what was observed.
SELECT tables.database_name, tables.table_name
FROM duckdb_tables() AS tables
JOIN duckdb_databases() AS databases USING (database_oid)
WHERE databases.path = $path AND tables.schema_name = 'goalsql'
  AND (tables.table_name = 'last_found' OR STARTS_WITH(tables.table_name, 'observed_'));
-- name: beside.schema
-- Makes room for copies of them.
CREATE SCHEMA IF NOT EXISTS memory.goalsql;
