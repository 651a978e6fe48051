CREATE OR REPLACE TABLE "goalsql_tick"."later" (
  "contact_id" Nullable(Int64),
  "turned_at" DateTime64(6, 'UTC')
);
