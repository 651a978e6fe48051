DELETE FROM "goalsql"."enrollments"
WHERE
  EXISTS(
    SELECT
      1 AS "1"
    FROM "pg_temp"."changed" AS "changed"
    WHERE
      "enrollments"."workflow_id" = "changed"."workflow_id"
      AND "enrollments"."contact_id" = "changed"."contact_id"
      AND "enrollments"."enrollment_no" = "changed"."enrollment_no"
  );
