-- name: listed.gone
-- Members that are listed no longer leave the segment at the tick.
UPDATE goalsql.observed_members AS member
SET valid_to = $tick_at
FROM (
  SELECT stayed.segment, stayed.contact_id
  FROM goalsql.observed_members AS stayed
  SEMI JOIN noted USING (segment)
  ANTI JOIN listed USING (segment, contact_id)
  WHERE stayed.valid_to IS NULL
) AS gone
WHERE gone.segment = member.segment AND gone.contact_id = member.contact_id
  AND member.valid_to IS NULL;
-- name: listed.new
-- New members join at the tick; those that the first look finds, with their creation.
INSERT INTO goalsql.observed_members
SELECT listed.segment, listed.contact_id,
  CASE WHEN seen.segment IS NOT NULL THEN $tick_at END, NULL
FROM listed
LEFT JOIN goalsql.observed_segments AS seen ON seen.segment = listed.segment
ANTI JOIN goalsql.observed_members AS member
  ON member.segment = listed.segment AND member.contact_id = listed.contact_id
    AND member.valid_to IS NULL;
-- name: listed.seen
-- From now on, members that come are new.
INSERT INTO goalsql.observed_segments
SELECT segment
FROM noted
ANTI JOIN goalsql.observed_segments USING (segment);
