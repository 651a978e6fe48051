DROP TABLE IF EXISTS "pg_temp"."leap_aside" CASCADE;
CREATE TEMPORARY TABLE "pg_temp"."leap_aside" AS
SELECT
  "leap"."workflow_id",
  "leap"."contact_id",
  "leap"."firing_no",
  "onward"."to_no"
FROM "pg_temp"."leap" AS "leap"
JOIN "pg_temp"."leap" AS "onward"
  ON "onward"."workflow_id" = "leap"."workflow_id"
  AND "onward"."contact_id" = "leap"."contact_id"
  AND "onward"."firing_no" = "leap"."to_no";
DROP TABLE IF EXISTS "pg_temp"."leap" CASCADE;
CREATE TEMPORARY TABLE "pg_temp"."leap" AS
SELECT
  *
FROM "pg_temp"."leap_aside";
DROP TABLE IF EXISTS "pg_temp"."leap_aside" CASCADE;
