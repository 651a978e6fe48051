-- rules.node
CREATE OR REPLACE TEMPORARY TABLE node AS SELECT CAST(node AS INT) AS node, CAST(level AS INT) AS level, CAST(low AS INT) AS low, CAST(scoped AS BOOLEAN) AS scoped, CAST(free AS BOOLEAN) AS free FROM (VALUES (1, 0, 1, FALSE, TRUE), (2, 0, 1, TRUE, FALSE), (3, 0, 1, FALSE, TRUE)) AS literal(node, level, low, scoped, free);
-- rules.leaf
CREATE OR REPLACE TEMPORARY TABLE leaf AS SELECT CAST(node AS INT) AS node, CAST(matcher AS INT) AS matcher, CAST(kind AS TEXT) AS kind, CAST(within AS BIGINT) AS within FROM (VALUES (2, 1, 'scoped', NULL)) AS literal(node, matcher, kind, within);
-- rules.member
CREATE OR REPLACE TEMPORARY TABLE member AS SELECT CAST(parent AS INT) AS parent, CAST(child AS INT) AS child, CAST(sign AS INT) AS sign FROM (VALUES (NULL, NULL, NULL)) AS literal(parent, child, sign) WHERE FALSE;
-- rules.guard
CREATE OR REPLACE TEMPORARY TABLE guard AS SELECT CAST(node AS INT) AS node, CAST(leaf AS INT) AS leaf, CAST(other_leaf AS INT) AS other_leaf FROM (VALUES (NULL, NULL, NULL)) AS literal(node, leaf, other_leaf) WHERE FALSE;
-- rules.root
CREATE OR REPLACE TEMPORARY TABLE root AS SELECT CAST(root AS INT) AS root, CAST(node AS INT) AS node, CAST(positive AS BOOLEAN) AS positive FROM (VALUES (1, 1, TRUE), (2, 2, TRUE), (3, 3, TRUE)) AS literal(root, node, positive);
-- match.page_view
INSERT INTO match
SELECT
  rule AS matcher,
  contact_id,
  occurred_at,
  CAST(event_id AS TEXT) AS event_id
FROM (
  SELECT
    "e"."contact_id",
    "e"."event_id",
    "e"."occurred_at",
    texts.rule
  FROM "events page_view" AS e
  JOIN (
    SELECT
      "e"."path" AS text,
      UNNEST(LIST_WHERE([1], [COALESCE(STARTS_WITH("e"."path", '/pricing'), FALSE)])) AS rule
    FROM (
      SELECT DISTINCT
        "e"."path"
      FROM "events page_view" AS e
    ) AS e
    WHERE
      COALESCE(STARTS_WITH("e"."path", '/pricing'), FALSE)
  ) AS texts
    ON "e"."path" IS NOT DISTINCT FROM texts.text
  WHERE
    e.occurred_at <= CAST('2026-01-20 00:00:00' AS TIMESTAMP)
    AND NOT e.event_id IS NULL
    AND NOT e.contact_id IS NULL
) AS taken;
-- span.history
INSERT INTO span
SELECT
  1 AS node,
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
    (1, 'lead')) AS keyed(rule, key_1)
    ON "contact"."stage" = keyed.key_1
) AS taken
UNION ALL
SELECT
  rule,
  contact_id,
  created_at AS valid_from,
  CAST('9999-12-31 00:00:00' AS TIMESTAMP) AS valid_to
FROM (
  SELECT
    "contact"."contact_id",
    "contact"."created_at",
    UNNEST(LIST_WHERE([3], [COALESCE("contact"."age" < 10, FALSE)])) AS rule
  FROM contact
  WHERE
    COALESCE("contact"."age" < 10, FALSE)
) AS taken;
