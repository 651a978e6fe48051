-- name: confine.shared
-- Whether somebody else in this process has the same database open, or access is limited already.
SELECT
  (SELECT MAX(count) > 1 FROM duckdb_connection_count())
  OR NOT CURRENT_SETTING('enable_external_access')
FROM (VALUES (1)) AS one (row);
-- name: confine.directories
-- The directories in which files may be opened.
SET allowed_directories = $directories;
-- name: confine.paths
-- The files elsewhere that may be opened.
SET allowed_paths = $paths;
-- name: confine.objects
-- No name in a query stands for an object of Python.
SET python_enable_replacements = false;
-- name: confine.access
-- Nothing else can be opened from now on; this cannot be switched back.
SET enable_external_access = false;
