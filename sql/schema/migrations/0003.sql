-- name: migration.3.pending
-- Files of contacts and of property_changes wait for rows too; which of them, the next tick finds.
UPDATE goalsql.source_parts SET pending = TRUE;
