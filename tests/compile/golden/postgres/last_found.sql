DROP TABLE IF EXISTS "pg_temp"."last_found_aside" CASCADE;
CREATE TEMPORARY TABLE "pg_temp"."last_found_aside" AS
SELECT
  COALESCE("contact"."contact_id", "found"."contact_id") AS "contact_id",
  CASE
    WHEN NOT "contact"."contact_id" IS NULL
    THEN JSONB_BUILD_OBJECT('value', "contact"."age")
  END AS "age",
  CASE
    WHEN NOT "contact"."contact_id" IS NULL
    THEN JSONB_BUILD_OBJECT('value', "contact"."birthday")
  END AS "birthday",
  CASE
    WHEN NOT "contact"."contact_id" IS NULL
    THEN JSONB_BUILD_OBJECT('value', "contact"."stage")
  END AS "stage",
  CASE
    WHEN NOT "contact"."contact_id" IS NULL
    THEN JSONB_BUILD_OBJECT('value', "contact"."vip")
  END AS "vip"
FROM "pg_temp"."contact" AS "contact"
FULL JOIN "goalsql"."last_found" AS "found"
  ON "found"."contact_id" = "contact"."contact_id";
DROP TABLE IF EXISTS "goalsql"."last_found";
CREATE TABLE "goalsql"."last_found" AS
SELECT
  *
FROM "pg_temp"."last_found_aside";
DROP TABLE IF EXISTS "pg_temp"."last_found_aside" CASCADE;
