CREATE OR REPLACE TABLE "goalsql_tick"."turn" AS
SELECT
  "turn"."node" AS "node",
  "turn"."contact_id" AS "contact_id",
  "turn"."turned_at" AS "turned_at",
  "turn"."holds" AS "holds"
FROM "goalsql_tick"."turn" AS "turn"
WHERE
  NOT COALESCE("turn"."turned_at" > CAST('2026-01-20 00:00:00' AS DateTime64(6, 'UTC')), FALSE);
CREATE OR REPLACE TABLE "goalsql_tick"."turn" AS
SELECT
  "turn"."node" AS "node",
  "turn"."contact_id" AS "contact_id",
  "turn"."turned_at" AS "turned_at",
  "turn"."holds" AS "holds"
FROM "goalsql_tick"."turn" AS "turn"
WHERE
  NOT COALESCE("turn"."turned_at" > CAST('2026-01-20 00:00:00' AS DateTime64(6, 'UTC')), FALSE);
