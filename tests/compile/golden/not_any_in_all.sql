-- rules.node
CREATE OR REPLACE TEMPORARY TABLE node AS SELECT UNNEST(CAST([1, 2, 3, 4, 5] AS INT[])) AS node, UNNEST(CAST([0, 0, 0, 1, 2] AS INT[])) AS level, UNNEST(CAST([1, 1, 1, 1, 1] AS INT[])) AS low, UNNEST(CAST([FALSE, FALSE, FALSE, FALSE, FALSE] AS BOOLEAN[])) AS scoped, UNNEST(CAST([TRUE, FALSE, FALSE, FALSE, FALSE] AS BOOLEAN[])) AS free;
-- rules.leaf
CREATE OR REPLACE TEMPORARY TABLE leaf AS SELECT UNNEST(CAST([2, 3] AS INT[])) AS node, UNNEST(CAST([2, 1] AS INT[])) AS matcher, UNNEST(CAST(['first', 'first'] AS TEXT[])) AS kind, UNNEST(CAST([NULL, NULL] AS BIGINT[])) AS within;
-- rules.member
CREATE OR REPLACE TEMPORARY TABLE member AS SELECT UNNEST(CAST([4, 4, 5, 5] AS INT[])) AS parent, UNNEST(CAST([2, 3, 1, 4] AS INT[])) AS child, UNNEST(CAST([1, 1, 1, -1] AS INT[])) AS sign;
-- rules.guard
CREATE OR REPLACE TEMPORARY TABLE guard AS SELECT UNNEST(CAST([5] AS INT[])) AS node, UNNEST(CAST([1] AS INT[])) AS leaf, UNNEST(CAST([NULL] AS INT[])) AS other_leaf;
-- rules.root
CREATE OR REPLACE TEMPORARY TABLE root AS SELECT UNNEST(CAST([1] AS INT[])) AS root, UNNEST(CAST([5] AS INT[])) AS node, UNNEST(CAST([TRUE] AS BOOLEAN[])) AS positive;
-- match.form
INSERT INTO goalsql.matches
SELECT
  rule AS matcher,
  contact_id,
  occurred_at,
  NULL AS event_id,
  NULL AS event_key
FROM (
  SELECT
    "e"."contact_id",
    "e"."event_id",
    "e"."occurred_at",
    UNNEST(LIST_WHERE([1], [TRUE])) AS rule
  FROM "events form" AS e
  WHERE
    (
      e.occurred_at <= CAST('2026-01-20 00:00:00' AS TIMESTAMP)
      AND NOT e.event_id IS NULL
      AND NOT e.contact_id IS NULL
      AND (
        e.loaded_at IS NULL OR e.loaded_at <= CAST('2026-01-20 00:00:00' AS TIMESTAMP)
      )
    )
    AND TRUE
) AS taken;
-- texts_1.page_view
CREATE OR REPLACE TEMPORARY TABLE texts_1 AS
SELECT
  "e"."path" AS text,
  UNNEST(LIST_WHERE([2], [COALESCE(STARTS_WITH("e"."path", '/pricing'), FALSE)])) AS rule
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
  NULL AS event_key
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
    UNNEST(LIST_WHERE([1], [COALESCE("contact"."age" > 10, FALSE)])) AS rule
  FROM contact
  WHERE
    COALESCE("contact"."age" > 10, FALSE)
) AS taken;
