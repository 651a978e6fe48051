-- rules.node
CREATE OR REPLACE TEMPORARY TABLE node AS SELECT CAST(node AS INT) AS node, CAST(level AS INT) AS level, CAST(low AS INT) AS low, CAST(scoped AS BOOLEAN) AS scoped, CAST(free AS BOOLEAN) AS free FROM (VALUES (1, 0, 1, FALSE, TRUE)) AS literal(node, level, low, scoped, free);
-- rules.leaf
CREATE OR REPLACE TEMPORARY TABLE leaf AS SELECT CAST(node AS INT) AS node, CAST(matcher AS INT) AS matcher, CAST(kind AS TEXT) AS kind, CAST(within AS BIGINT) AS within FROM (VALUES (NULL, NULL, NULL, NULL)) AS literal(node, matcher, kind, within) WHERE FALSE;
-- rules.member
CREATE OR REPLACE TEMPORARY TABLE member AS SELECT CAST(parent AS INT) AS parent, CAST(child AS INT) AS child, CAST(sign AS INT) AS sign FROM (VALUES (NULL, NULL, NULL)) AS literal(parent, child, sign) WHERE FALSE;
-- rules.guard
CREATE OR REPLACE TEMPORARY TABLE guard AS SELECT CAST(node AS INT) AS node, CAST(leaf AS INT) AS leaf, CAST(other_leaf AS INT) AS other_leaf FROM (VALUES (NULL, NULL, NULL)) AS literal(node, leaf, other_leaf) WHERE FALSE;
-- rules.root
CREATE OR REPLACE TEMPORARY TABLE root AS SELECT CAST(root AS INT) AS root, CAST(node AS INT) AS node, CAST(positive AS BOOLEAN) AS positive FROM (VALUES (1, 1, TRUE)) AS literal(root, node, positive);
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
  FROM contact
  JOIN (VALUES
    (1, 30),
    (1, 7)) AS keyed(rule, key_1)
    ON "contact"."age" = keyed.key_1
) AS taken;
