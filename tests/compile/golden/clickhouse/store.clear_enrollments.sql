CREATE OR REPLACE TABLE "goalsql"."enrollments" AS
SELECT
  "enrollments"."workflow_id" AS "workflow_id",
  "enrollments"."contact_id" AS "contact_id",
  "enrollments"."enrollment_no" AS "enrollment_no",
  "enrollments"."triggered_at" AS "triggered_at",
  "enrollments"."enrolled_at" AS "enrolled_at",
  "enrollments"."status" AS "status",
  "enrollments"."ended_at" AS "ended_at",
  "enrollments"."end_reason" AS "end_reason",
  "enrollments"."next_step" AS "next_step",
  "enrollments"."due_at" AS "due_at",
  "enrollments"."last_step" AS "last_step",
  "enrollments"."ended_tick" AS "ended_tick",
  "enrollments"."tick_id" AS "tick_id"
FROM "goalsql"."enrollments" AS "enrollments"
WHERE
  NOT EXISTS(
    SELECT
      1 AS "1"
    FROM "goalsql_tick"."changed" AS "changed"
    WHERE
      "enrollments"."workflow_id" = "changed"."workflow_id"
      AND "enrollments"."contact_id" = "changed"."contact_id"
      AND "enrollments"."enrollment_no" = "changed"."enrollment_no"
  );
