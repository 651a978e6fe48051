-- name: query.tree
-- Parses a query of the project's and returns its tree: what DuckDB itself sees in it.
SELECT JSON_SERIALIZE_SQL($query);
-- name: query.unsteady
-- The functions that change something, or give another result each time.
SELECT DISTINCT LOWER(function_name) FROM duckdb_functions() WHERE has_side_effects;
-- name: query.internal
-- The views that show DuckDB's own settings and catalog.
SELECT DISTINCT LOWER(view_name) FROM duckdb_views() WHERE internal;
