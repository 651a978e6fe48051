-- name: export.last_tick
-- The tick that an export stands for.
SELECT MAX(tick_id), MAX(tick_at), ARG_MAX(finished_at, tick_id),
  (SELECT MAX(schema_version) FROM goalsql.project)
FROM goalsql.ticks;
