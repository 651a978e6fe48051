CREATE OR REPLACE TABLE `goalsql_tick`.`later` (
  `contact_id` BIGINT,
  `turned_at` TIMESTAMP_NTZ
);
