-- name: beside.attach
-- Attaches the project's database to one in memory, to read only.
ATTACH :path (READ_ONLY);
-- name: beside.schemas
-- Its schemas, as names for the search path; not goalsql's own, which are made anew in memory.
SELECT '"' || REPLACE(database_name, '"', '""') || '"."' || REPLACE(schema_name, '"', '""') || '"'
FROM duckdb_schemas()
WHERE database_name NOT IN ('memory', 'system', 'temp') AND schema_name NOT IN ('goalsql', 'report')
ORDER BY schema_name <> 'main', schema_name;
-- name: beside.look_up
-- Makes everything in memory, and finds the tables of the project's database as if it were open.
SET search_path = :search_path;
