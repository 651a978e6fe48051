-- rules.node
CREATE OR REPLACE TEMPORARY TABLE node AS SELECT UNNEST(CAST([1, 2, 3] AS INT[])) AS node, UNNEST(CAST([0, 0, 1] AS INT[])) AS level, UNNEST(CAST([1, 1, 1] AS INT[])) AS low, UNNEST(CAST([FALSE, FALSE, FALSE] AS BOOLEAN[])) AS scoped, UNNEST(CAST([TRUE, TRUE, TRUE] AS BOOLEAN[])) AS free;
-- rules.leaf
CREATE OR REPLACE TEMPORARY TABLE leaf AS SELECT UNNEST(CAST([] AS INT[])) AS node, UNNEST(CAST([] AS INT[])) AS matcher, UNNEST(CAST([] AS TEXT[])) AS kind, UNNEST(CAST([] AS BIGINT[])) AS within;
-- rules.member
CREATE OR REPLACE TEMPORARY TABLE member AS SELECT UNNEST(CAST([3, 3] AS INT[])) AS parent, UNNEST(CAST([1, 2] AS INT[])) AS child, UNNEST(CAST([1, -1] AS INT[])) AS sign;
-- rules.guard
CREATE OR REPLACE TEMPORARY TABLE guard AS SELECT UNNEST(CAST([] AS INT[])) AS node, UNNEST(CAST([] AS INT[])) AS leaf, UNNEST(CAST([] AS INT[])) AS other_leaf;
-- rules.root
CREATE OR REPLACE TEMPORARY TABLE root AS SELECT UNNEST(CAST([1] AS INT[])) AS root, UNNEST(CAST([3] AS INT[])) AS node, UNNEST(CAST([TRUE] AS BOOLEAN[])) AS positive;
-- history
CREATE OR REPLACE TEMPORARY TABLE history AS
SELECT DISTINCT
  property,
  contact_id,
  TRUE AS has_rows
FROM (
  SELECT
    property,
    contact_id,
    occurred_at,
    value AS text,
    value AS value
  FROM change
  WHERE
    property IN ('stage')
) AS changed
WHERE
  NOT COALESCE(value IS NULL AND text <> '', FALSE);
-- last_found
CREATE OR REPLACE TABLE goalsql.last_found AS
SELECT
  COALESCE(contact.contact_id, found.contact_id) AS contact_id,
  CASE WHEN NOT contact.contact_id IS NULL THEN {'value': "contact"."stage"} END AS "stage"
FROM contact
FULL JOIN goalsql.last_found AS found
  ON found.contact_id = contact.contact_id;
-- entry
CREATE OR REPLACE TEMPORARY TABLE entry AS
SELECT
  property,
  contact_id,
  created_at,
  starts_at,
  LEAD(starts_at, 1, CAST('9999-12-31 00:00:00' AS TIMESTAMP)) OVER (
    PARTITION BY property, contact_id
    ORDER BY starts_at, origin, occurred_at, text NULLS FIRST
  ) AS ends_at,
  value,
  LAG(value, 1, CASE WHEN origin = 0 THEN value END) OVER (
    PARTITION BY property, contact_id
    ORDER BY starts_at, origin, occurred_at, text NULLS FIRST
  ) AS previous
FROM (
  SELECT
    c.*,
    contact.created_at,
    GREATEST(c.occurred_at, contact.created_at) AS starts_at
  FROM (
    SELECT
      property,
      contact_id,
      occurred_at,
      text,
      value,
      2 AS origin
    FROM (
      SELECT
        property,
        contact_id,
        occurred_at,
        value AS text,
        value AS value
      FROM change
      WHERE
        property IN ('stage')
    ) AS changed
    WHERE
      NOT COALESCE(value IS NULL AND text <> '', FALSE)
      AND occurred_at <= CAST('2026-01-20 00:00:00' AS TIMESTAMP)
  ) AS c
  JOIN contact
    USING (contact_id)
) AS seen;
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
-- span.history
INSERT INTO span
SELECT
  2 AS node,
  contact_id,
  starts_at AS valid_from,
  ends_at AS valid_to
FROM entry
WHERE
  property = 'stage' AND value = 'lead';
-- lone_span.contacts
INSERT INTO lone_span
SELECT
  rule,
  contact_id,
  created_at AS valid_from,
  CAST('9999-12-31 00:00:00' AS TIMESTAMP) AS valid_to
FROM (
  SELECT
    "contact"."contact_id",
    "contact"."created_at",
    keyed.rule
  FROM (
    SELECT
      contact.*
    FROM contact
    ANTI JOIN history
      ON history.property = 'stage' AND history.contact_id = contact.contact_id
  ) AS contact
  JOIN (VALUES
    (2, 'lead')) AS keyed(rule, key_1)
    ON "contact"."stage" = keyed.key_1
) AS taken;
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
