CREATE OR REPLACE TABLE "goalsql"."receipts" AS
SELECT
  "receipts"."workflow_id" AS "workflow_id",
  "receipts"."contact_id" AS "contact_id",
  "receipts"."email_id" AS "email_id",
  "receipts"."received_at" AS "received_at",
  "receipts"."event_id" AS "event_id",
  "receipts"."tick_id" AS "tick_id"
FROM "goalsql"."receipts" AS "receipts"
WHERE
  NOT COALESCE(
    "receipts"."workflow_id" IN (
      SELECT
        "in_level"."workflow_id" AS "workflow_id"
      FROM "goalsql_tick"."in_level" AS "in_level"
    ),
    FALSE
  );
