INSERT INTO "goalsql"."matches"
SELECT
  "taken"."rule" AS "matcher",
  "taken"."contact_id",
  "taken"."occurred_at",
  NULL AS "event_id",
  CASE WHEN "taken"."rule" IN (1) THEN HASH("taken"."event_id") END AS "event_key"
FROM (
  SELECT
    "e"."contact_id",
    "e"."event_id",
    "e"."occurred_at",
    "chosen"."value" AS "rule"
  FROM "events page_view" AS "e"
  LEFT JOIN (
    SELECT
      "e"."path" AS "text",
      COALESCE(STARTSWITH("e"."path", '/pricing'), FALSE) AS "holds_1"
    FROM (
      SELECT
        MIN("e"."path") AS "path"
      FROM "events page_view" AS "e"
      GROUP BY
        "e"."path"
    ) AS "e"
    WHERE
      COALESCE(STARTSWITH("e"."path", '/pricing'), FALSE)
  ) AS "texts_1"
    ON "e"."path" = "texts_1"."text"
  CROSS JOIN (VALUES
    (1)) AS "chosen"("value")
  WHERE
    (
      (
        "e"."occurred_at" <= CAST('2026-01-20 00:00:00' AS TIMESTAMPNTZ)
        AND NOT "e"."event_id" IS NULL
        AND NOT "e"."contact_id" IS NULL
      )
      AND CASE
        WHEN "e"."path" IS NULL
        THEN COALESCE(STARTSWITH("e"."path", '/pricing'), FALSE)
        ELSE NOT "texts_1"."text" IS NULL
      END
    )
    AND CASE "chosen"."value"
      WHEN 1
      THEN CASE
        WHEN "e"."path" IS NULL
        THEN COALESCE(STARTSWITH("e"."path", '/pricing'), FALSE)
        ELSE COALESCE("texts_1"."holds_1", FALSE)
      END
      ELSE FALSE
    END
) AS "taken";
