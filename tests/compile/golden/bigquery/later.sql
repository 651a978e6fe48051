CREATE OR REPLACE TABLE `goalsql_tick`.`later` (
  `contact_id` INT64,
  `turned_at` DATETIME
);
