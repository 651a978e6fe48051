-- name: members.lone_spans
-- Who has been in a static segment once, from when to when.
INSERT INTO lone_span
SELECT watched.node, contact_id, GREATEST(contact.created_at, MIN(member.valid_from)),
  COALESCE(MAX(member.valid_to), TIMESTAMP '9999-12-31')
FROM watched
JOIN goalsql.observed_members AS member USING (segment)
JOIN contact USING (contact_id)
GROUP BY watched.node, contact_id, contact.created_at
HAVING COUNT(*) = 1;
-- name: members.spans
-- Who has come and gone more than once.
INSERT INTO span
SELECT watched.node, contact_id, GREATEST(contact.created_at, member.valid_from),
  COALESCE(member.valid_to, TIMESTAMP '9999-12-31')
FROM watched
JOIN goalsql.observed_members AS member USING (segment)
JOIN contact USING (contact_id)
SEMI JOIN (
  SELECT segment, contact_id
  FROM goalsql.observed_members
  GROUP BY segment, contact_id
  HAVING COUNT(*) > 1
) AS again USING (segment, contact_id);
