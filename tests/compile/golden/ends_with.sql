-- rules.node
CREATE OR REPLACE TEMPORARY TABLE node AS SELECT UNNEST(CAST([1] AS INT[])) AS node, UNNEST(CAST([0] AS INT[])) AS level, UNNEST(CAST([1] AS INT[])) AS low, UNNEST(CAST([FALSE] AS BOOLEAN[])) AS scoped, UNNEST(CAST([TRUE] AS BOOLEAN[])) AS free;
-- rules.leaf
CREATE OR REPLACE TEMPORARY TABLE leaf AS SELECT UNNEST(CAST([] AS INT[])) AS node, UNNEST(CAST([] AS INT[])) AS matcher, UNNEST(CAST([] AS TEXT[])) AS kind, UNNEST(CAST([] AS BIGINT[])) AS within;
-- rules.member
CREATE OR REPLACE TEMPORARY TABLE member AS SELECT UNNEST(CAST([] AS INT[])) AS parent, UNNEST(CAST([] AS INT[])) AS child, UNNEST(CAST([] AS INT[])) AS sign;
-- rules.guard
CREATE OR REPLACE TEMPORARY TABLE guard AS SELECT UNNEST(CAST([] AS INT[])) AS node, UNNEST(CAST([] AS INT[])) AS leaf, UNNEST(CAST([] AS INT[])) AS other_leaf;
-- rules.root
CREATE OR REPLACE TEMPORARY TABLE root AS SELECT UNNEST(CAST([1] AS INT[])) AS root, UNNEST(CAST([1] AS INT[])) AS node, UNNEST(CAST([TRUE] AS BOOLEAN[])) AS positive;
-- responses.forget
DELETE FROM goalsql.email_responses;
-- texts_1_1.contacts
CREATE OR REPLACE TEMPORARY TABLE texts_1_1 AS
SELECT
  "contact"."city" AS text,
  UNNEST(LIST_WHERE([1], [COALESCE(ENDS_WITH("contact"."city", 'Nord'), FALSE)])) AS rule
FROM (
  SELECT
    "contact"."city"
  FROM contact
  GROUP BY
    "contact"."city"
  HAVING
    CASE
      WHEN COUNT(*) > 0
      THEN COALESCE(ENDS_WITH("contact"."city", 'Nord'), FALSE)
      ELSE FALSE
    END
) AS contact;
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
    texts_1_1.rule
  FROM contact
  JOIN texts_1_1
    ON "contact"."city" IS NOT DISTINCT FROM texts_1_1.text
) AS taken;
