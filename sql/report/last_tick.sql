-- name: export.last_tick
-- The instant that an export stands for.
SELECT MAX(tick_at) FROM goalsql.ticks;
