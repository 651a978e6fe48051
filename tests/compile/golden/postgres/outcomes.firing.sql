DROP TABLE IF EXISTS "pg_temp"."firing" CASCADE;
CREATE TEMPORARY TABLE "pg_temp"."firing" AS
WITH "also_held" AS (
  SELECT
    "fired"."workflow_id",
    "fired"."contact_id",
    "fired"."decided_at",
    "fired"."triggered_at",
    "fired"."re_enroll"
  FROM "pg_temp"."fired" AS "fired"
  JOIN (
    SELECT
      "truth"."root",
      "truth"."contact_id",
      "truth"."valid_from",
      "truth"."valid_to",
      LEAD("truth"."valid_from") OVER (PARTITION BY "truth"."root", "truth"."contact_id" ORDER BY "truth"."valid_from") AS "nearest"
    FROM "pg_temp"."truth" AS "truth"
  ) AS "truth"
    ON (
      "truth"."root" = "fired"."also"
      AND "truth"."contact_id" = "fired"."contact_id"
      AND "truth"."valid_from" <= "fired"."decided_at"
    )
    AND (
      "truth"."nearest" IS NULL OR "fired"."decided_at" < "truth"."nearest"
    )
  WHERE
    "fired"."decided_at" < "truth"."valid_to"
  UNION ALL
  SELECT
    "fired"."workflow_id",
    "fired"."contact_id",
    "fired"."decided_at",
    "fired"."triggered_at",
    "fired"."re_enroll"
  FROM "pg_temp"."fired" AS "fired"
  WHERE
    "fired"."also" IS NULL
), "merged" AS (
  SELECT
    "also_held"."workflow_id",
    "also_held"."contact_id",
    "also_held"."decided_at",
    MAX("also_held"."triggered_at") AS "triggered_at",
    BOOL_OR("also_held"."re_enroll") AS "re_enroll"
  FROM "also_held" AS "also_held"
  GROUP BY
    "also_held"."workflow_id",
    "also_held"."contact_id",
    "also_held"."decided_at"
), "barred" AS (
  SELECT
    "merged"."workflow_id",
    "merged"."contact_id",
    "merged"."decided_at",
    MIN("role"."decision_rank") AS "rank"
  FROM "merged" AS "merged"
  JOIN "pg_temp"."role" AS "role"
    ON "merged"."workflow_id" = "role"."workflow_id"
  JOIN (
    SELECT
      "truth"."root",
      "truth"."contact_id",
      "truth"."valid_from",
      "truth"."valid_to",
      LEAD("truth"."valid_from") OVER (PARTITION BY "truth"."root", "truth"."contact_id" ORDER BY "truth"."valid_from") AS "nearest"
    FROM "pg_temp"."truth" AS "truth"
  ) AS "truth"
    ON (
      "truth"."root" = "role"."root"
      AND "truth"."contact_id" = "merged"."contact_id"
      AND "truth"."valid_from" <= "merged"."decided_at"
    )
    AND (
      "truth"."nearest" IS NULL OR "merged"."decided_at" < "truth"."nearest"
    )
  WHERE
    "merged"."decided_at" < "truth"."valid_to"
  GROUP BY
    "merged"."workflow_id",
    "merged"."contact_id",
    "merged"."decided_at"
)
SELECT
  "merged"."workflow_id",
  "merged"."contact_id",
  "merged"."decided_at",
  "merged"."triggered_at",
  "merged"."re_enroll",
  ROW_NUMBER() OVER (
    PARTITION BY "merged"."workflow_id", "merged"."contact_id"
    ORDER BY "merged"."decided_at"
  ) AS "firing_no",
  CASE "barred"."rank"
    WHEN 1
    THEN 'suppressed'
    WHEN 2
    THEN 'unenrollment_trigger'
    WHEN 3
    THEN 'goal_already_met'
    ELSE 'enrolled'
  END AS "outcome"
FROM "merged" AS "merged"
LEFT JOIN "barred" AS "barred"
  ON "merged"."workflow_id" = "barred"."workflow_id"
  AND "merged"."contact_id" = "barred"."contact_id"
  AND "merged"."decided_at" = "barred"."decided_at";
