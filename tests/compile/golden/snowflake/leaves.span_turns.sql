INSERT INTO "goalsql_tick"."turn"
WITH "frequent" AS (
  SELECT
    "found"."node",
    "found"."contact_id"
  FROM "goalsql_tick"."found" AS "found"
  JOIN "goalsql_tick"."leaf" AS "leaf"
    ON "found"."node" = "leaf"."node"
  JOIN "goalsql_tick"."node" AS "node"
    ON "found"."node" = "node"."node"
  WHERE
    "leaf"."kind" = 'count' AND "node"."low" > 1
  GROUP BY
    "found"."node",
    "found"."contact_id",
    "node"."low"
  HAVING
    COUNT(*) >= "node"."low"
), "counted" AS (
  SELECT DISTINCT
    "found"."node",
    "found"."contact_id",
    "found"."created_at",
    "found"."occurred_at",
    "found"."event_key"
  FROM "goalsql_tick"."found" AS "found"
  JOIN "frequent" AS "frequent"
    ON "found"."node" = "frequent"."node"
    AND "found"."contact_id" = "frequent"."contact_id"
), "numbered" AS (
  SELECT
    "counted"."node",
    "counted"."contact_id",
    "counted"."created_at",
    "counted"."occurred_at",
    ROW_NUMBER() OVER (
      PARTITION BY "counted"."node", "counted"."contact_id"
      ORDER BY "counted"."occurred_at"
    ) AS "number"
  FROM "counted" AS "counted"
), "paired" AS (
  SELECT
    "numbered"."node",
    "numbered"."contact_id",
    "numbered"."created_at",
    "numbered"."occurred_at",
    "earlier"."occurred_at" AS "first_at"
  FROM "numbered" AS "numbered"
  JOIN "goalsql_tick"."node" AS "node"
    ON "node"."node" = "numbered"."node"
  JOIN "numbered" AS "earlier"
    ON "earlier"."node" = "numbered"."node"
    AND "earlier"."contact_id" = "numbered"."contact_id"
    AND "earlier"."number" = "numbered"."number" - "node"."low" + 1
  UNION ALL
  SELECT
    "found"."node",
    "found"."contact_id",
    "found"."created_at",
    "found"."occurred_at",
    "found"."occurred_at"
  FROM "goalsql_tick"."found" AS "found"
  JOIN "goalsql_tick"."node" AS "node"
    ON "found"."node" = "node"."node"
  WHERE
    "node"."low" = 1
), "spans" AS (
  SELECT
    "paired"."node",
    "paired"."contact_id",
    GREATEST_IGNORE_NULLS("paired"."occurred_at", "paired"."created_at") AS "valid_from",
    CASE
      WHEN "leaf"."within" IS NULL
      THEN CAST('9999-12-31' AS TIMESTAMPNTZ)
      ELSE TIMESTAMPADD(MICROSECOND, "leaf"."within", "paired"."first_at")
    END AS "valid_to"
  FROM "paired" AS "paired"
  JOIN "goalsql_tick"."leaf" AS "leaf"
    ON "paired"."node" = "leaf"."node"
  WHERE
    "leaf"."kind" = 'count'
  UNION ALL
  SELECT
    "span"."node",
    "span"."contact_id",
    "span"."valid_from",
    "span"."valid_to"
  FROM "goalsql_tick"."span" AS "span"
), "neighbours" AS (
  SELECT
    "spans"."node",
    "spans"."contact_id",
    "spans"."valid_from",
    "spans"."valid_to",
    LAG("spans"."valid_to") OVER (
      PARTITION BY "spans"."node", "spans"."contact_id"
      ORDER BY "spans"."valid_from", "spans"."valid_to"
    ) AS "last_to",
    LEAD("spans"."valid_from") OVER (
      PARTITION BY "spans"."node", "spans"."contact_id"
      ORDER BY "spans"."valid_from", "spans"."valid_to"
    ) AS "next_from"
  FROM "spans" AS "spans"
  WHERE
    "spans"."valid_from" < "spans"."valid_to"
)
SELECT
  "neighbours"."node",
  "neighbours"."contact_id",
  "neighbours"."valid_from",
  TRUE AS "_col_3"
FROM "neighbours" AS "neighbours"
WHERE
  "neighbours"."last_to" IS NULL
  OR "neighbours"."last_to" < "neighbours"."valid_from"
UNION ALL
SELECT
  "neighbours"."node",
  "neighbours"."contact_id",
  "neighbours"."valid_to",
  FALSE AS "_col_3"
FROM "neighbours" AS "neighbours"
WHERE
  (
    "neighbours"."next_from" IS NULL
    OR "neighbours"."next_from" > "neighbours"."valid_to"
  )
  AND "neighbours"."valid_to" < CAST('9999-12-31' AS TIMESTAMPNTZ);
INSERT INTO "goalsql_tick"."turn"
WITH "frequent" AS (
  SELECT
    "found"."node",
    "found"."contact_id"
  FROM "goalsql_tick"."found" AS "found"
  JOIN "goalsql_tick"."leaf" AS "leaf"
    ON "found"."node" = "leaf"."node"
  JOIN "goalsql_tick"."node" AS "node"
    ON "found"."node" = "node"."node"
  WHERE
    "leaf"."kind" = 'count' AND "node"."low" > 1
  GROUP BY
    "found"."node",
    "found"."contact_id",
    "node"."low"
  HAVING
    COUNT(*) >= "node"."low"
), "counted" AS (
  SELECT DISTINCT
    "found"."node",
    "found"."contact_id",
    "found"."created_at",
    "found"."occurred_at",
    "found"."event_key"
  FROM "goalsql_tick"."found" AS "found"
  JOIN "frequent" AS "frequent"
    ON "found"."node" = "frequent"."node"
    AND "found"."contact_id" = "frequent"."contact_id"
), "numbered" AS (
  SELECT
    "counted"."node",
    "counted"."contact_id",
    "counted"."created_at",
    "counted"."occurred_at",
    ROW_NUMBER() OVER (
      PARTITION BY "counted"."node", "counted"."contact_id"
      ORDER BY "counted"."occurred_at"
    ) AS "number"
  FROM "counted" AS "counted"
), "paired" AS (
  SELECT
    "numbered"."node",
    "numbered"."contact_id",
    "numbered"."created_at",
    "numbered"."occurred_at",
    "earlier"."occurred_at" AS "first_at"
  FROM "numbered" AS "numbered"
  JOIN "goalsql_tick"."node" AS "node"
    ON "node"."node" = "numbered"."node"
  JOIN "numbered" AS "earlier"
    ON "earlier"."node" = "numbered"."node"
    AND "earlier"."contact_id" = "numbered"."contact_id"
    AND "earlier"."number" = "numbered"."number" - "node"."low" + 1
  UNION ALL
  SELECT
    "found"."node",
    "found"."contact_id",
    "found"."created_at",
    "found"."occurred_at",
    "found"."occurred_at"
  FROM "goalsql_tick"."found" AS "found"
  JOIN "goalsql_tick"."node" AS "node"
    ON "found"."node" = "node"."node"
  WHERE
    "node"."low" = 1
), "spans" AS (
  SELECT
    "paired"."node",
    "paired"."contact_id",
    GREATEST_IGNORE_NULLS("paired"."occurred_at", "paired"."created_at") AS "valid_from",
    CASE
      WHEN "leaf"."within" IS NULL
      THEN CAST('9999-12-31' AS TIMESTAMPNTZ)
      ELSE TIMESTAMPADD(MICROSECOND, "leaf"."within", "paired"."first_at")
    END AS "valid_to"
  FROM "paired" AS "paired"
  JOIN "goalsql_tick"."leaf" AS "leaf"
    ON "paired"."node" = "leaf"."node"
  WHERE
    "leaf"."kind" = 'count'
), "neighbours" AS (
  SELECT
    "spans"."node",
    "spans"."contact_id",
    "spans"."valid_from",
    "spans"."valid_to",
    LAG("spans"."valid_to") OVER (
      PARTITION BY "spans"."node", "spans"."contact_id"
      ORDER BY "spans"."valid_from", "spans"."valid_to"
    ) AS "last_to",
    LEAD("spans"."valid_from") OVER (
      PARTITION BY "spans"."node", "spans"."contact_id"
      ORDER BY "spans"."valid_from", "spans"."valid_to"
    ) AS "next_from"
  FROM "spans" AS "spans"
  WHERE
    "spans"."valid_from" < "spans"."valid_to"
)
SELECT
  "neighbours"."node",
  "neighbours"."contact_id",
  "neighbours"."valid_from",
  TRUE AS "_col_3"
FROM "neighbours" AS "neighbours"
WHERE
  "neighbours"."last_to" IS NULL
  OR "neighbours"."last_to" < "neighbours"."valid_from"
UNION ALL
SELECT
  "neighbours"."node",
  "neighbours"."contact_id",
  "neighbours"."valid_to",
  FALSE AS "_col_3"
FROM "neighbours" AS "neighbours"
WHERE
  (
    "neighbours"."next_from" IS NULL
    OR "neighbours"."next_from" > "neighbours"."valid_to"
  )
  AND "neighbours"."valid_to" < CAST('9999-12-31' AS TIMESTAMPNTZ);
