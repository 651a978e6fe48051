DROP TABLE IF EXISTS "pg_temp"."texts_1" CASCADE;
CREATE TEMPORARY TABLE "pg_temp"."texts_1" AS
SELECT
  "e"."path" AS "text",
  COALESCE(STARTS_WITH("e"."path", '/pricing'), FALSE) AS "holds_3"
FROM (
  SELECT
    "e"."path"
  FROM "events page_view" AS "e"
  GROUP BY
    "e"."path"
  HAVING
    CASE
      WHEN COUNT(*) > 0
      THEN COALESCE(STARTS_WITH("e"."path", '/pricing'), FALSE)
      ELSE FALSE
    END
) AS "e";
