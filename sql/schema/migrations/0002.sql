-- name: migration.2.forgotten
-- Makes room for whom `goalsql forget` has removed.
CREATE TABLE goalsql.forgotten (
  digest VARCHAR, salt VARCHAR, forgotten_at TIMESTAMP
);
