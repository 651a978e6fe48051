-- name: copying.name
-- What the database is called.
SELECT CURRENT_DATABASE();
-- name: copying.attach
-- Attaches the file that becomes the copy.
ATTACH $path AS "database copy" (READ_WRITE);
-- name: copying.checkpoint
-- Writes the copy down, so that it is one file.
CHECKPOINT "database copy";
-- name: copying.detach
-- Closes the copy.
DETACH "database copy";
