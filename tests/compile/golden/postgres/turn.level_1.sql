INSERT INTO "pg_temp"."turn"
WITH "turned" AS (
  SELECT
    "needed"."node",
    "needed"."contact_id",
    "below"."turned_at",
    "needed"."sign" * CASE WHEN "below"."holds" THEN 1 ELSE -1 END AS "delta"
  FROM "pg_temp"."member_needed" AS "needed"
  JOIN (
    SELECT
      "turn"."node" AS "child",
      "turn"."contact_id",
      "turn"."turned_at",
      "turn"."holds"
    FROM "pg_temp"."turn" AS "turn"
  ) AS "below"
    ON "needed"."child" = "below"."child"
    AND "needed"."contact_id" = "below"."contact_id"
  UNION ALL
  SELECT
    "member"."parent",
    "turn"."contact_id",
    "turn"."turned_at",
    "member"."sign" * CASE WHEN "turn"."holds" THEN 1 ELSE -1 END AS "_col_3"
  FROM "pg_temp"."turn" AS "turn"
  JOIN "pg_temp"."member" AS "member"
    ON "member"."child" = "turn"."node"
  JOIN "pg_temp"."node" AS "above"
    ON "above"."node" = "member"."parent" AND "above"."level" = 1
  WHERE
    "above"."free"
), "covered" AS (
  SELECT
    "turned"."node",
    "turned"."contact_id",
    "turned"."turned_at",
    SUM("turned"."delta") OVER (
      PARTITION BY "turned"."node", "turned"."contact_id"
      ORDER BY "turned"."turned_at"
      RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS "coverage"
  FROM "turned" AS "turned"
), "standing" AS (
  SELECT
    "covered"."node",
    "covered"."contact_id",
    "covered"."turned_at",
    "covered"."coverage",
    "covered"."coverage" >= "node"."low" AS "holds"
  FROM "covered" AS "covered"
  JOIN "pg_temp"."node" AS "node"
    ON "covered"."node" = "node"."node"
), "compared" AS (
  SELECT
    "standing"."node",
    "standing"."contact_id",
    "standing"."turned_at",
    "standing"."holds",
    LAG("standing"."holds", 1, FALSE) OVER (
      PARTITION BY "standing"."node", "standing"."contact_id"
      ORDER BY "standing"."turned_at"
    ) AS "held"
  FROM "standing" AS "standing"
)
SELECT
  "compared"."node",
  "compared"."contact_id",
  "compared"."turned_at",
  "compared"."holds"
FROM "compared" AS "compared"
WHERE
  "compared"."holds" <> "compared"."held";
INSERT INTO "pg_temp"."turn"
WITH "turned" AS (
  SELECT
    "needed"."node",
    "needed"."contact_id",
    "below"."turned_at",
    "needed"."sign" * CASE WHEN "below"."holds" THEN 1 ELSE -1 END AS "delta"
  FROM "pg_temp"."member_needed" AS "needed"
  JOIN (
    SELECT
      "turn"."node" AS "child",
      "turn"."contact_id",
      "turn"."turned_at",
      "turn"."holds"
    FROM "pg_temp"."turn" AS "turn"
  ) AS "below"
    ON "needed"."child" = "below"."child"
    AND "needed"."contact_id" = "below"."contact_id"
), "covered" AS (
  SELECT
    "turned"."node",
    "turned"."contact_id",
    "turned"."turned_at",
    SUM("turned"."delta") OVER (
      PARTITION BY "turned"."node", "turned"."contact_id"
      ORDER BY "turned"."turned_at"
      RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS "coverage"
  FROM "turned" AS "turned"
), "standing" AS (
  SELECT
    "covered"."node",
    "covered"."contact_id",
    "covered"."turned_at",
    "covered"."coverage",
    "covered"."coverage" >= "node"."low" AS "holds"
  FROM "covered" AS "covered"
  JOIN "pg_temp"."node" AS "node"
    ON "covered"."node" = "node"."node"
), "compared" AS (
  SELECT
    "standing"."node",
    "standing"."contact_id",
    "standing"."turned_at",
    "standing"."holds",
    LAG("standing"."holds", 1, FALSE) OVER (
      PARTITION BY "standing"."node", "standing"."contact_id"
      ORDER BY "standing"."turned_at"
    ) AS "held"
  FROM "standing" AS "standing"
)
SELECT
  "compared"."node",
  "compared"."contact_id",
  "compared"."turned_at",
  "compared"."holds"
FROM "compared" AS "compared"
WHERE
  "compared"."holds" <> "compared"."held";
