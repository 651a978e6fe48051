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
-- lone_span.contacts
INSERT INTO lone_span
SELECT
  1 AS node,
  contact_id,
  GREATEST(
    created_at,
    GREATEST(
      LEAST(
        CASE
          WHEN CAST((
            CAST("birthday" AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' - TO_MICROSECONDS(3600000000)
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' AS DATE) = "birthday"
          THEN CAST("birthday" AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' - TO_MICROSECONDS(3600000000)
          ELSE CAST("birthday" AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC'
        END,
        CAST('9000-01-01 00:00:00' AS TIMESTAMP)
      ),
      CAST('0001-01-01 00:00:00' AS TIMESTAMP)
    ) - TO_MICROSECONDS(259200000000)
  ) AS valid_from,
  LEAST(
    CAST('9999-12-31 00:00:00' AS TIMESTAMP),
    GREATEST(
      LEAST(
        CASE
          WHEN CAST((
            CAST("birthday" AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' - TO_MICROSECONDS(3600000000)
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' AS DATE) = "birthday"
          THEN CAST("birthday" AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' - TO_MICROSECONDS(3600000000)
          ELSE CAST("birthday" AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC'
        END,
        CAST('9000-01-01 00:00:00' AS TIMESTAMP)
      ),
      CAST('0001-01-01 00:00:00' AS TIMESTAMP)
    )
  ) AS valid_to
FROM contact
WHERE
  NOT "birthday" IS NULL;
