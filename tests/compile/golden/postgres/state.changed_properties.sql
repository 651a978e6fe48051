INSERT INTO "goalsql"."changed_properties"
SELECT
  CAST("listed"."c0" AS TEXT) AS "property"
FROM (VALUES
  ('plan'),
  ('points'),
  ('stage')) AS "listed"("c0");
