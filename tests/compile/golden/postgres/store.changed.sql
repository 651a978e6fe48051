DROP TABLE IF EXISTS "pg_temp"."changed" CASCADE;
CREATE TEMPORARY TABLE "pg_temp"."changed" AS
SELECT
  "settled"."workflow_id",
  "settled"."contact_id",
  "settled"."enrollment_no",
  "settled"."triggered_at",
  "settled"."enrolled_at",
  "settled"."status",
  "settled"."ended_at",
  "settled"."end_reason",
  CASE WHEN "settled"."status" = 'active' THEN "item"."step_id" END AS "next_step",
  CASE WHEN "settled"."status" = 'active' THEN "settled"."due_at" END AS "due_at",
  "settled"."last_step",
  CASE WHEN "settled"."status" <> 'active' THEN 1 END AS "ended_tick",
  1 AS "tick_id"
FROM "pg_temp"."settled" AS "settled"
LEFT JOIN "pg_temp"."item" AS "item"
  ON "item"."workflow_id" = "settled"."workflow_id"
  AND "item"."block" = "settled"."block"
  AND "item"."place" = "settled"."place"
LEFT JOIN "goalsql"."enrollments" AS "before"
  ON "before"."workflow_id" = "settled"."workflow_id"
  AND "before"."contact_id" = "settled"."contact_id"
  AND "before"."enrollment_no" = "settled"."enrollment_no"
WHERE
  "before"."workflow_id" IS NULL
  OR "settled"."status" <> 'active'
  OR (
    "before"."next_step" IS DISTINCT FROM "item"."step_id"
    OR "before"."due_at" IS DISTINCT FROM "settled"."due_at"
    OR "before"."last_step" IS DISTINCT FROM "settled"."last_step"
  );
