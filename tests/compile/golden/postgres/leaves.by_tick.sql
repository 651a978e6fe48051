DELETE FROM "pg_temp"."turn"
WHERE
  "turn"."turned_at" > CAST('2026-01-20 00:00:00' AS TIMESTAMP);
DELETE FROM "pg_temp"."turn"
WHERE
  "turn"."turned_at" > CAST('2026-01-20 00:00:00' AS TIMESTAMP);
