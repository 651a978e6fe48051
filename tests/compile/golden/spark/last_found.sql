DROP TABLE IF EXISTS `goalsql_tick`.`last_found_aside`;
CREATE TABLE `goalsql_tick`.`last_found_aside`
USING PARQUET AS
SELECT
  COALESCE(`contact`.`contact_id`, `found`.`contact_id`) AS `contact_id`,
  CASE
    WHEN NOT `contact`.`contact_id` IS NULL
    THEN STRUCT(`contact`.`age` AS `value`)
  END AS `age`,
  CASE
    WHEN NOT `contact`.`contact_id` IS NULL
    THEN STRUCT(`contact`.`birthday` AS `value`)
  END AS `birthday`,
  CASE
    WHEN NOT `contact`.`contact_id` IS NULL
    THEN STRUCT(`contact`.`stage` AS `value`)
  END AS `stage`,
  CASE
    WHEN NOT `contact`.`contact_id` IS NULL
    THEN STRUCT(`contact`.`vip` AS `value`)
  END AS `vip`
FROM `goalsql_tick`.`contact` AS `contact`
FULL JOIN `goalsql`.`last_found` AS `found`
  ON `found`.`contact_id` = `contact`.`contact_id`;
DROP TABLE IF EXISTS `goalsql`.`last_found`;
CREATE TABLE `goalsql`.`last_found`
USING PARQUET AS
SELECT
  *
FROM `goalsql_tick`.`last_found_aside`;
DROP TABLE IF EXISTS `goalsql_tick`.`last_found_aside`;
