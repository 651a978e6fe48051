CREATE OR REPLACE TABLE "goalsql_tick"."entry" AS
SELECT
  "seen"."property" AS "property",
  "seen"."contact_id" AS "contact_id",
  "seen"."created_at" AS "created_at",
  "seen"."starts_at" AS "starts_at",
  lead("seen"."starts_at", 1, CAST('9999-12-31 00:00:00' AS DateTime64(6, 'UTC'))) OVER (
    PARTITION BY "seen"."property", "seen"."contact_id"
    ORDER BY "seen"."starts_at", "seen"."origin", "seen"."occurred_at", "seen"."text" NULLS FIRST
  ) AS "ends_at",
  "seen"."value" AS "value",
  CASE
    WHEN ROW_NUMBER() OVER (
      PARTITION BY "seen"."property", "seen"."contact_id"
      ORDER BY "seen"."starts_at", "seen"."origin", "seen"."occurred_at", "seen"."text" NULLS FIRST
    ) = 1
    THEN CASE WHEN "seen"."origin" = 0 THEN "seen"."value" END
    ELSE lag("seen"."value", 1) OVER (
      PARTITION BY "seen"."property", "seen"."contact_id"
      ORDER BY "seen"."starts_at", "seen"."origin", "seen"."occurred_at", "seen"."text" NULLS FIRST
    )
  END AS "previous"
FROM (
  SELECT
    "c"."property" AS "property",
    "c"."contact_id" AS "contact_id",
    "c"."occurred_at" AS "occurred_at",
    "c"."text" AS "text",
    "c"."value" AS "value",
    "c"."origin" AS "origin",
    "contact"."created_at" AS "created_at",
    GREATEST("c"."occurred_at", "contact"."created_at") AS "starts_at"
  FROM (
    SELECT
      "changed"."property" AS "property",
      "changed"."contact_id" AS "contact_id",
      "changed"."occurred_at" AS "occurred_at",
      "changed"."text" AS "text",
      "changed"."value" AS "value",
      2 AS "origin"
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
      NOT COALESCE("changed"."value" IS NULL AND "changed"."text" <> '', FALSE)
      AND "changed"."occurred_at" <= CAST('2026-01-20 00:00:00' AS DateTime64(6, 'UTC'))
  ) AS "c"
  JOIN "goalsql_tick"."contact" AS "contact"
    ON "c"."contact_id" = "contact"."contact_id"
) AS "seen";
