CREATE OR REPLACE TEMPORARY TABLE "goalsql_tick"."texts_1" AS
SELECT
  "e"."path" AS "text",
  COALESCE(STARTSWITH("e"."path", '/pricing'), FALSE) AS "holds_3"
FROM (
  SELECT
    "e"."path",
    COUNT(*) AS "path_rows"
  FROM "events page_view" AS "e"
  GROUP BY
    "e"."path"
) AS "e"
WHERE
  CASE
    WHEN "e"."path_rows" > 0
    THEN COALESCE(STARTSWITH("e"."path", '/pricing'), FALSE)
    ELSE FALSE
  END;
