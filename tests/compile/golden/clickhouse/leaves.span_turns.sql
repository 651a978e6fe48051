INSERT INTO "goalsql_tick"."turn"
WITH "frequent" AS (
  SELECT
    "found"."node" AS "node",
    "found"."contact_id" AS "contact_id"
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
    "found"."node" AS "node",
    "found"."contact_id" AS "contact_id",
    "found"."created_at" AS "created_at",
    "found"."occurred_at" AS "occurred_at",
    "found"."event_key" AS "event_key"
  FROM "goalsql_tick"."found" AS "found"
  JOIN "frequent" AS "frequent"
    ON "found"."node" = "frequent"."node"
    AND "found"."contact_id" = "frequent"."contact_id"
), "numbered" AS (
  SELECT
    "counted"."node" AS "node",
    "counted"."contact_id" AS "contact_id",
    "counted"."created_at" AS "created_at",
    "counted"."occurred_at" AS "occurred_at",
    ROW_NUMBER() OVER (
      PARTITION BY "counted"."node", "counted"."contact_id"
      ORDER BY "counted"."occurred_at"
    ) AS "number"
  FROM "counted" AS "counted"
), "paired" AS (
  SELECT
    "numbered"."node" AS "node",
    "numbered"."contact_id" AS "contact_id",
    "numbered"."created_at" AS "created_at",
    "numbered"."occurred_at" AS "occurred_at",
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
    "found"."node" AS "node",
    "found"."contact_id" AS "contact_id",
    "found"."created_at" AS "created_at",
    "found"."occurred_at" AS "occurred_at",
    "found"."occurred_at" AS "occurred_at"
  FROM "goalsql_tick"."found" AS "found"
  JOIN "goalsql_tick"."node" AS "node"
    ON "found"."node" = "node"."node"
  WHERE
    "node"."low" = 1
), "spans" AS (
  SELECT
    "paired"."node" AS "node",
    "paired"."contact_id" AS "contact_id",
    GREATEST("paired"."occurred_at", "paired"."created_at") AS "valid_from",
    CASE
      WHEN "leaf"."within" IS NULL
      THEN CAST('9999-12-31' AS DateTime64(6, 'UTC'))
      ELSE "paired"."first_at" + toIntervalMicrosecond("leaf"."within")
    END AS "valid_to"
  FROM "paired" AS "paired"
  JOIN "goalsql_tick"."leaf" AS "leaf"
    ON "paired"."node" = "leaf"."node"
  WHERE
    "leaf"."kind" = 'count'
  UNION ALL
  SELECT
    "span"."node" AS "node",
    "span"."contact_id" AS "contact_id",
    "span"."valid_from" AS "valid_from",
    "span"."valid_to" AS "valid_to"
  FROM "goalsql_tick"."span" AS "span"
), "neighbours" AS (
  SELECT
    "spans"."node" AS "node",
    "spans"."contact_id" AS "contact_id",
    "spans"."valid_from" AS "valid_from",
    "spans"."valid_to" AS "valid_to",
    lag("spans"."valid_to") OVER (
      PARTITION BY "spans"."node", "spans"."contact_id"
      ORDER BY "spans"."valid_from", "spans"."valid_to"
    ) AS "last_to",
    lead("spans"."valid_from") OVER (
      PARTITION BY "spans"."node", "spans"."contact_id"
      ORDER BY "spans"."valid_from", "spans"."valid_to"
    ) AS "next_from"
  FROM "spans" AS "spans"
  WHERE
    "spans"."valid_from" < "spans"."valid_to"
)
SELECT
  "neighbours"."node" AS "node",
  "neighbours"."contact_id" AS "contact_id",
  "neighbours"."valid_from" AS "valid_from",
  TRUE AS "_col_3"
FROM "neighbours" AS "neighbours"
WHERE
  "neighbours"."last_to" IS NULL
  OR "neighbours"."last_to" < "neighbours"."valid_from"
UNION ALL
SELECT
  "neighbours"."node" AS "node",
  "neighbours"."contact_id" AS "contact_id",
  "neighbours"."valid_to" AS "valid_to",
  FALSE AS "_col_3"
FROM "neighbours" AS "neighbours"
WHERE
  (
    "neighbours"."next_from" IS NULL
    OR "neighbours"."next_from" > "neighbours"."valid_to"
  )
  AND "neighbours"."valid_to" < CAST('9999-12-31' AS DateTime64(6, 'UTC'));
INSERT INTO "goalsql_tick"."turn"
WITH "frequent" AS (
  SELECT
    "found"."node" AS "node",
    "found"."contact_id" AS "contact_id"
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
    "found"."node" AS "node",
    "found"."contact_id" AS "contact_id",
    "found"."created_at" AS "created_at",
    "found"."occurred_at" AS "occurred_at",
    "found"."event_key" AS "event_key"
  FROM "goalsql_tick"."found" AS "found"
  JOIN "frequent" AS "frequent"
    ON "found"."node" = "frequent"."node"
    AND "found"."contact_id" = "frequent"."contact_id"
), "numbered" AS (
  SELECT
    "counted"."node" AS "node",
    "counted"."contact_id" AS "contact_id",
    "counted"."created_at" AS "created_at",
    "counted"."occurred_at" AS "occurred_at",
    ROW_NUMBER() OVER (
      PARTITION BY "counted"."node", "counted"."contact_id"
      ORDER BY "counted"."occurred_at"
    ) AS "number"
  FROM "counted" AS "counted"
), "paired" AS (
  SELECT
    "numbered"."node" AS "node",
    "numbered"."contact_id" AS "contact_id",
    "numbered"."created_at" AS "created_at",
    "numbered"."occurred_at" AS "occurred_at",
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
    "found"."node" AS "node",
    "found"."contact_id" AS "contact_id",
    "found"."created_at" AS "created_at",
    "found"."occurred_at" AS "occurred_at",
    "found"."occurred_at" AS "occurred_at"
  FROM "goalsql_tick"."found" AS "found"
  JOIN "goalsql_tick"."node" AS "node"
    ON "found"."node" = "node"."node"
  WHERE
    "node"."low" = 1
), "spans" AS (
  SELECT
    "paired"."node" AS "node",
    "paired"."contact_id" AS "contact_id",
    GREATEST("paired"."occurred_at", "paired"."created_at") AS "valid_from",
    CASE
      WHEN "leaf"."within" IS NULL
      THEN CAST('9999-12-31' AS DateTime64(6, 'UTC'))
      ELSE "paired"."first_at" + toIntervalMicrosecond("leaf"."within")
    END AS "valid_to"
  FROM "paired" AS "paired"
  JOIN "goalsql_tick"."leaf" AS "leaf"
    ON "paired"."node" = "leaf"."node"
  WHERE
    "leaf"."kind" = 'count'
), "neighbours" AS (
  SELECT
    "spans"."node" AS "node",
    "spans"."contact_id" AS "contact_id",
    "spans"."valid_from" AS "valid_from",
    "spans"."valid_to" AS "valid_to",
    lag("spans"."valid_to") OVER (
      PARTITION BY "spans"."node", "spans"."contact_id"
      ORDER BY "spans"."valid_from", "spans"."valid_to"
    ) AS "last_to",
    lead("spans"."valid_from") OVER (
      PARTITION BY "spans"."node", "spans"."contact_id"
      ORDER BY "spans"."valid_from", "spans"."valid_to"
    ) AS "next_from"
  FROM "spans" AS "spans"
  WHERE
    "spans"."valid_from" < "spans"."valid_to"
)
SELECT
  "neighbours"."node" AS "node",
  "neighbours"."contact_id" AS "contact_id",
  "neighbours"."valid_from" AS "valid_from",
  TRUE AS "_col_3"
FROM "neighbours" AS "neighbours"
WHERE
  "neighbours"."last_to" IS NULL
  OR "neighbours"."last_to" < "neighbours"."valid_from"
UNION ALL
SELECT
  "neighbours"."node" AS "node",
  "neighbours"."contact_id" AS "contact_id",
  "neighbours"."valid_to" AS "valid_to",
  FALSE AS "_col_3"
FROM "neighbours" AS "neighbours"
WHERE
  (
    "neighbours"."next_from" IS NULL
    OR "neighbours"."next_from" > "neighbours"."valid_to"
  )
  AND "neighbours"."valid_to" < CAST('9999-12-31' AS DateTime64(6, 'UTC'));
