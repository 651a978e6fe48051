-- name: any.moving
-- Whether any enrollment has been opened that must still move.
SELECT COUNT(*) FROM moving;
-- name: any.walker
-- Whether any enrollment has steps before it.
SELECT COUNT(*) FROM walker;
-- name: any.leap
-- Whether any chain of enrollments may lead further.
SELECT COUNT(*) FROM leap;
