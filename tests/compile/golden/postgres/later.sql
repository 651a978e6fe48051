DROP TABLE IF EXISTS "pg_temp"."later" CASCADE;
CREATE TEMPORARY TABLE "pg_temp"."later" (
  "contact_id" BIGINT,
  "turned_at" TIMESTAMP
);
