INSERT INTO "goalsql"."matches"
SELECT
  "taken"."rule" AS "matcher",
  "taken"."contact_id",
  "taken"."occurred_at",
  NULL AS "event_id",
  CASE WHEN "taken"."rule" IN (3) THEN HASH("taken"."event_id") END AS "event_key"
FROM (
  SELECT
    "found"."contact_id",
    "found"."event_id",
    "found"."occurred_at",
    "keyed"."rule"
  FROM (
    SELECT
      "e"."contact_id",
      "e"."event_id",
      "e"."occurred_at",
      "e"."seconds" AS "field_1",
      CASE "chosen"."value"
        WHEN 0
        THEN "keys_1"."number"
        WHEN 1
        THEN "keys_2"."number"
        WHEN 2
        THEN 3
        WHEN 3
        THEN 5
      END AS "number"
    FROM "events page_view" AS "e"
    LEFT JOIN (VALUES
      (6, '/'),
      (7, '/blog')) AS "keys_1"("number", "key_1")
      ON "e"."path" = "keys_1"."key_1"
    LEFT JOIN (VALUES
      (8, 70)) AS "keys_2"("number", "key_1")
      ON "e"."seconds" = "keys_2"."key_1"
    LEFT JOIN "goalsql_tick"."texts_1" AS "texts_1"
      ON "e"."path" = "texts_1"."text"
    CROSS JOIN (VALUES
      (0),
      (1),
      (2),
      (3)) AS "chosen"("value")
    WHERE
      (
        (
          "e"."occurred_at" <= CAST('2026-01-20 00:00:00' AS TIMESTAMPNTZ)
          AND NOT "e"."event_id" IS NULL
          AND NOT "e"."contact_id" IS NULL
        )
        AND (
          "e"."path" IN ('/', '/blog')
          OR "e"."seconds" IN (70)
          OR CASE
            WHEN "e"."path" IS NULL
            THEN COALESCE(STARTSWITH("e"."path", '/pricing'), FALSE)
            ELSE NOT "texts_1"."text" IS NULL
          END
          OR COALESCE("e"."seconds" < 6, FALSE)
        )
      )
      AND CASE "chosen"."value"
        WHEN 0
        THEN NOT "keys_1"."number" IS NULL
        WHEN 1
        THEN NOT "keys_2"."number" IS NULL
        WHEN 2
        THEN CASE
          WHEN "e"."path" IS NULL
          THEN COALESCE(STARTSWITH("e"."path", '/pricing'), FALSE)
          ELSE COALESCE("texts_1"."holds_3", FALSE)
        END
        WHEN 3
        THEN COALESCE("e"."seconds" < 6, FALSE)
        ELSE FALSE
      END
  ) AS "found"
  JOIN (VALUES
    (3, 3),
    (5, 5),
    (6, 1),
    (6, 2),
    (7, 2),
    (8, 4)) AS "keyed"("number", "rule")
    ON "keyed"."number" = "found"."number"
  WHERE
    CASE "keyed"."rule"
      WHEN 1
      THEN COALESCE("found"."field_1" < 40, FALSE)
      ELSE TRUE
    END
) AS "taken";
