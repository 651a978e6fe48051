CREATE OR REPLACE TABLE "goalsql_tick"."texts_1" AS
SELECT
  "e"."path" AS "text",
  COALESCE(startsWith("e"."path", '/pricing'), FALSE) AS "holds_3"
FROM (
  SELECT
    "e"."path" AS "path"
  FROM "events page_view" AS "e"
  GROUP BY
    "e"."path"
  HAVING
    CASE
      WHEN COUNT(*) > 0
      THEN COALESCE(startsWith("e"."path", '/pricing'), FALSE)
      ELSE FALSE
    END
) AS "e";
