-- rules.node
CREATE OR REPLACE TEMPORARY TABLE node AS SELECT UNNEST(CAST([1, 2, 3, 4, 5, 6] AS INT[])) AS node, UNNEST(CAST([0, 0, 0, 0, 0, 1] AS INT[])) AS level, UNNEST(CAST([1, 1, 1, 1, 1, 1] AS INT[])) AS low, UNNEST(CAST([FALSE, FALSE, FALSE, FALSE, FALSE, FALSE] AS BOOLEAN[])) AS scoped, UNNEST(CAST([TRUE, TRUE, TRUE, TRUE, TRUE, TRUE] AS BOOLEAN[])) AS free;
-- rules.leaf
CREATE OR REPLACE TEMPORARY TABLE leaf AS SELECT UNNEST(CAST([1, 2, 3, 4, 5] AS INT[])) AS node, UNNEST(CAST([2, 1, 4, 5, 3] AS INT[])) AS matcher, UNNEST(CAST(['first', 'first', 'first', 'first', 'first'] AS TEXT[])) AS kind, UNNEST(CAST([NULL, NULL, NULL, NULL, NULL] AS BIGINT[])) AS within;
-- rules.member
CREATE OR REPLACE TEMPORARY TABLE member AS SELECT UNNEST(CAST([6, 6, 6, 6, 6] AS INT[])) AS parent, UNNEST(CAST([1, 2, 3, 4, 5] AS INT[])) AS child, UNNEST(CAST([1, 1, 1, 1, 1] AS INT[])) AS sign;
-- rules.guard
CREATE OR REPLACE TEMPORARY TABLE guard AS SELECT UNNEST(CAST([] AS INT[])) AS node, UNNEST(CAST([] AS INT[])) AS leaf, UNNEST(CAST([] AS INT[])) AS other_leaf;
-- rules.root
CREATE OR REPLACE TEMPORARY TABLE root AS SELECT UNNEST(CAST([1] AS INT[])) AS root, UNNEST(CAST([6] AS INT[])) AS node, UNNEST(CAST([TRUE] AS BOOLEAN[])) AS positive;
-- texts_1.page_view
CREATE OR REPLACE TEMPORARY TABLE texts_1 AS
SELECT
  "e"."path" AS text,
  COALESCE(STARTS_WITH("e"."path", '/pricing'), FALSE) AS holds_3
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
    "found"."contact_id",
    "found"."event_id",
    "found"."occurred_at",
    keyed.rule
  FROM (
    SELECT
      "e"."contact_id",
      "e"."event_id",
      "e"."occurred_at",
      "e"."seconds" AS field_1,
      UNNEST(LIST_WHERE(
        [keys_1.number, keys_2.number, 3, 5],
        [
          NOT keys_1.number IS NULL,
          NOT keys_2.number IS NULL,
          CASE
            WHEN "e"."path" IS NULL
            THEN COALESCE(STARTS_WITH("e"."path", '/pricing'), FALSE)
            ELSE COALESCE(texts_1.holds_3, FALSE)
          END,
          COALESCE("e"."seconds" < 6, FALSE)
        ]
      )) AS number
    FROM "events page_view" AS e
    LEFT JOIN (VALUES
      (6, '/'),
      (7, '/blog')) AS keys_1(number, key_1)
      ON "e"."path" = keys_1.key_1
    LEFT JOIN (VALUES
      (8, 70)) AS keys_2(number, key_1)
      ON "e"."seconds" = keys_2.key_1
    LEFT JOIN texts_1
      ON "e"."path" = texts_1.text
    WHERE
      (
        e.occurred_at <= CAST('2026-01-20 00:00:00' AS TIMESTAMP)
        AND NOT e.event_id IS NULL
        AND NOT e.contact_id IS NULL
      )
      AND (
        "e"."path" IN ('/', '/blog')
        OR "e"."seconds" IN (70)
        OR CASE
          WHEN "e"."path" IS NULL
          THEN COALESCE(STARTS_WITH("e"."path", '/pricing'), FALSE)
          ELSE NOT texts_1.text IS NULL
        END
        OR COALESCE("e"."seconds" < 6, FALSE)
      )
  ) AS found
  JOIN (VALUES
    (3, 3),
    (5, 5),
    (6, 1),
    (6, 2),
    (7, 2),
    (8, 4)) AS keyed(number, rule)
    ON keyed.number = found.number
  WHERE
    CASE keyed.rule WHEN 1 THEN COALESCE(found.field_1 < 40, FALSE) ELSE TRUE END
) AS taken;
-- responses.forget
DELETE FROM goalsql.email_responses;
