-- name: published.checkpoint
-- Writes the copy down, so that it is one file.
CHECKPOINT "published copy";
-- name: published.leave
-- Goes back to the project's database.
RESET search_path;
-- name: published.detach
-- Closes the copy.
DETACH "published copy";
-- name: published.look
-- Attaches a copy that is in place.
ATTACH $path AS "published copy" (READ_ONLY);
-- name: published.last_tick
-- The tick that it is of.
SELECT MAX(tick_id), ARG_MAX(finished_at, tick_id)
FROM "published copy".goalsql.ticks;
