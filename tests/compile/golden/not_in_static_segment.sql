-- rules.node
CREATE OR REPLACE TEMPORARY TABLE node AS SELECT UNNEST(CAST([1] AS INT[])) AS node, UNNEST(CAST([0] AS INT[])) AS level, UNNEST(CAST([1] AS INT[])) AS low, UNNEST(CAST([FALSE] AS BOOLEAN[])) AS scoped, UNNEST(CAST([TRUE] AS BOOLEAN[])) AS free;
-- rules.leaf
CREATE OR REPLACE TEMPORARY TABLE leaf AS SELECT UNNEST(CAST([] AS INT[])) AS node, UNNEST(CAST([] AS INT[])) AS matcher, UNNEST(CAST([] AS TEXT[])) AS kind, UNNEST(CAST([] AS BIGINT[])) AS within;
-- rules.member
CREATE OR REPLACE TEMPORARY TABLE member AS SELECT UNNEST(CAST([] AS INT[])) AS parent, UNNEST(CAST([] AS INT[])) AS child, UNNEST(CAST([] AS INT[])) AS sign;
-- rules.guard
CREATE OR REPLACE TEMPORARY TABLE guard AS SELECT UNNEST(CAST([] AS INT[])) AS node, UNNEST(CAST([] AS INT[])) AS leaf, UNNEST(CAST([] AS INT[])) AS other_leaf;
-- rules.root
CREATE OR REPLACE TEMPORARY TABLE root AS SELECT UNNEST(CAST([1] AS INT[])) AS root, UNNEST(CAST([1] AS INT[])) AS node, UNNEST(CAST([FALSE] AS BOOLEAN[])) AS positive;
-- arrived_member
CREATE OR REPLACE TEMPORARY TABLE arrived_member AS
SELECT
  'friends' AS segment,
  contact_id,
  added_at
FROM "segment friends"
WHERE
  NOT contact_id IS NULL AND NOT added_at IS NULL;
-- responses.forget
DELETE FROM goalsql.email_responses;
-- lone_span.friends
INSERT INTO lone_span
SELECT
  1,
  contact.contact_id,
  GREATEST(contact.created_at, MIN(member.added_at)),
  CAST('9999-12-31 00:00:00' AS TIMESTAMP)
FROM (
  SELECT
    *
  FROM goalsql.members
  WHERE
    segment = 'friends'
) AS member
JOIN contact
  USING (contact_id)
WHERE
  member.added_at <= CAST('2026-01-20 00:00:00' AS TIMESTAMP)
GROUP BY
  contact.contact_id,
  contact.created_at;
