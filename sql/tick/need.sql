-- name: need.children_{{ level }}
-- Whoever needs a combination of this level needs its members.
INSERT INTO need_found
SELECT member.child, need_found.contact_id
FROM need_found
JOIN node AS above ON above.node = need_found.node AND above.level = {{ level }}
JOIN member ON member.parent = need_found.node
JOIN node AS below ON below.node = member.child
WHERE NOT below.free;
