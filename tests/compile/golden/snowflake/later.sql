CREATE OR REPLACE TEMPORARY TABLE "goalsql_tick"."later" (
  "contact_id" BIGINT,
  "turned_at" TIMESTAMPNTZ
);
