-- name: schema.contact_id
-- The type of contact ids in the state; an attached database may have a state of its own.
SELECT data_type FROM duckdb_columns()
WHERE database_name = CURRENT_DATABASE() AND schema_name = 'goalsql'
  AND table_name = 'decisions' AND column_name = 'contact_id';
