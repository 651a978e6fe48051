DROP TABLE IF EXISTS `goalsql_tick`.`later`;
CREATE TABLE `goalsql_tick`.`later` (
  `contact_id` BIGINT,
  `turned_at` TIMESTAMP_NTZ
)
USING PARQUET;
