-- name: any.moving
-- Whether any enrollment has been opened that must still move.
SELECT COUNT(*) FROM moving;
-- name: any.walker
-- Whether any enrollment has steps before it.
SELECT COUNT(*) FROM walker;
