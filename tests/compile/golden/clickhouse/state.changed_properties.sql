INSERT INTO "goalsql"."changed_properties"
SELECT
  CAST("listed"."c0" AS Nullable(String)) AS "property"
FROM (
  SELECT
    'plan' AS "c0"
  UNION ALL
  SELECT
    'points'
  UNION ALL
  SELECT
    'stage'
) AS "listed";
