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
-- span.history
INSERT INTO span
SELECT
  1 AS node,
  contact_id,
  starts_at AS valid_from,
  ends_at AS valid_to
FROM entry
WHERE
  property = 'plan' AND NOT (
    value = 'basic' OR value = 'free'
  );
