-- name: version.of
-- The schema version of the state. Version 1 did not say so before its first tick.
SELECT COALESCE(MAX(schema_version), 1) FROM goalsql.project;
-- name: version.begin
-- A new state says from the beginning which version it has.
INSERT INTO goalsql.project (schema_version)
SELECT $schema_version
WHERE NOT EXISTS (FROM goalsql.project);
-- name: version.reach
-- A migration has led to this version.
UPDATE goalsql.project
SET schema_version = $schema_version;
