CREATE OR REPLACE TABLE "goalsql_tick"."history" AS
SELECT DISTINCT
  "changed"."property" AS "property",
  "changed"."contact_id" AS "contact_id",
  TRUE AS "has_rows"
FROM (
  SELECT
    "change"."property" AS "property",
    "change"."contact_id" AS "contact_id",
    "change"."occurred_at" AS "occurred_at",
    "change"."value" AS "text",
    "change"."value" AS "value"
  FROM "goalsql_tick"."change" AS "change"
  WHERE
    "change"."property" IN ('stage')
) AS "changed"
WHERE
  NOT COALESCE("changed"."value" IS NULL AND "changed"."text" <> '', FALSE);
