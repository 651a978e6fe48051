-- name: move.ids
-- The type of the contacts' ids in what was exported.
DESCRIBE SELECT contact_id FROM READ_PARQUET($path);
-- name: move.rows
-- The rows of one table.
INSERT INTO goalsql.{{ table }} SELECT * FROM READ_PARQUET($path);
-- name: move.found
-- The values of contacts' columns as last found, in the columns that were exported.
CREATE OR REPLACE TABLE goalsql.last_found AS SELECT * FROM READ_PARQUET($path);
-- name: move.project
-- The project as a whole, as it was exported; what was remembered of its sources was not.
INSERT INTO goalsql.project (name, timezone, marketing_hub, schema_version, views)
SELECT name, timezone, marketing_hub, schema_version, $views FROM READ_PARQUET($path);
