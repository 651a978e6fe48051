DELETE FROM "goalsql"."receipts"
WHERE
  "receipts"."workflow_id" IN (
    SELECT
      "in_level"."workflow_id"
    FROM "pg_temp"."in_level" AS "in_level"
  );
