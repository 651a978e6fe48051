CREATE OR REPLACE TABLE "goalsql"."last_found" AS
SELECT
  COALESCE("contact"."contact_id", "found"."contact_id") AS "contact_id",
  CASE
    WHEN NOT "contact"."contact_id" IS NULL
    THEN OBJECT_CONSTRUCT_KEEP_NULL('value', "contact"."age")
  END AS "age",
  CASE
    WHEN NOT "contact"."contact_id" IS NULL
    THEN OBJECT_CONSTRUCT_KEEP_NULL('value', "contact"."birthday")
  END AS "birthday",
  CASE
    WHEN NOT "contact"."contact_id" IS NULL
    THEN OBJECT_CONSTRUCT_KEEP_NULL('value', "contact"."stage")
  END AS "stage",
  CASE
    WHEN NOT "contact"."contact_id" IS NULL
    THEN OBJECT_CONSTRUCT_KEEP_NULL('value', "contact"."vip")
  END AS "vip"
FROM "goalsql_tick"."contact" AS "contact"
FULL JOIN "goalsql"."last_found" AS "found"
  ON "found"."contact_id" = "contact"."contact_id";
