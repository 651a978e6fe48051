-- name: need.guarded
-- Guarded criteria must be known of the contacts that their column tests hold for.
INSERT INTO need_found
SELECT guard.node, lone_span.contact_id
FROM guard
JOIN lone_span ON lone_span.node = guard.leaf;
