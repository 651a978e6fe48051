INSERT INTO "pg_temp"."span"
SELECT
  1 AS "node",
  "entry"."contact_id",
  "entry"."starts_at" AS "valid_from",
  "entry"."ends_at" AS "valid_to"
FROM "pg_temp"."entry" AS "entry"
WHERE
  "entry"."property" = 'stage' AND "entry"."value" = 'lead';
