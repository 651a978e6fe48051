-- rules.node
CREATE OR REPLACE TEMPORARY TABLE node AS SELECT UNNEST(CAST([1, 2, 3] AS INT[])) AS node, UNNEST(CAST([0, 0, 1] AS INT[])) AS level, UNNEST(CAST([2, 3, 1] AS INT[])) AS low, UNNEST(CAST([FALSE, FALSE, FALSE] AS BOOLEAN[])) AS scoped, UNNEST(CAST([TRUE, TRUE, TRUE] AS BOOLEAN[])) AS free;
-- rules.leaf
CREATE OR REPLACE TEMPORARY TABLE leaf AS SELECT UNNEST(CAST([1, 2] AS INT[])) AS node, UNNEST(CAST([1, 1] AS INT[])) AS matcher, UNNEST(CAST(['count', 'count'] AS TEXT[])) AS kind, UNNEST(CAST([NULL, NULL] AS BIGINT[])) AS within;
-- rules.member
CREATE OR REPLACE TEMPORARY TABLE member AS SELECT UNNEST(CAST([3, 3] AS INT[])) AS parent, UNNEST(CAST([1, 2] AS INT[])) AS child, UNNEST(CAST([1, -1] AS INT[])) AS sign;
-- rules.guard
CREATE OR REPLACE TEMPORARY TABLE guard AS SELECT UNNEST(CAST([] AS INT[])) AS node, UNNEST(CAST([] AS INT[])) AS leaf, UNNEST(CAST([] AS INT[])) AS other_leaf;
-- rules.root
CREATE OR REPLACE TEMPORARY TABLE root AS SELECT UNNEST(CAST([1] AS INT[])) AS root, UNNEST(CAST([3] AS INT[])) AS node, UNNEST(CAST([TRUE] AS BOOLEAN[])) AS positive;
-- texts_1.page_view
CREATE OR REPLACE TEMPORARY TABLE texts_1 AS
SELECT
  "e"."path" AS text,
  UNNEST(LIST_WHERE([1], [COALESCE(STARTS_WITH("e"."path", '/pricing'), FALSE)])) AS rule
FROM (
  SELECT
    "e"."path"
  FROM "events page_view" AS e
  GROUP BY
    "e"."path"
  HAVING
    CASE
      WHEN COUNT(*) > 0
      THEN COALESCE(STARTS_WITH("e"."path", '/pricing'), FALSE)
      ELSE FALSE
    END
) AS e;
-- match.page_view
INSERT INTO goalsql.matches
SELECT
  rule AS matcher,
  contact_id,
  occurred_at,
  NULL AS event_id,
  CASE WHEN rule IN (1) THEN HASH(event_id) END AS event_key
FROM (
  SELECT
    "e"."contact_id",
    "e"."event_id",
    "e"."occurred_at",
    texts_1.rule
  FROM "events page_view" AS e
  JOIN texts_1
    ON "e"."path" IS NOT DISTINCT FROM texts_1.text
  WHERE
    e.occurred_at <= CAST('2026-01-20 00:00:00' AS TIMESTAMP)
    AND NOT e.event_id IS NULL
    AND NOT e.contact_id IS NULL
) AS taken;
-- responses.forget
DELETE FROM goalsql.email_responses;
