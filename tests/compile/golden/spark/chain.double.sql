DROP TABLE IF EXISTS `goalsql_tick`.`leap_aside`;
CREATE TABLE `goalsql_tick`.`leap_aside`
USING PARQUET AS
SELECT
  `leap`.`workflow_id`,
  `leap`.`contact_id`,
  `leap`.`firing_no`,
  `onward`.`to_no`
FROM `goalsql_tick`.`leap` AS `leap`
JOIN `goalsql_tick`.`leap` AS `onward`
  ON `onward`.`workflow_id` = `leap`.`workflow_id`
  AND `onward`.`contact_id` = `leap`.`contact_id`
  AND `onward`.`firing_no` = `leap`.`to_no`;
DROP TABLE IF EXISTS `goalsql_tick`.`leap`;
CREATE TABLE `goalsql_tick`.`leap`
USING PARQUET AS
SELECT
  *
FROM `goalsql_tick`.`leap_aside`;
DROP TABLE IF EXISTS `goalsql_tick`.`leap_aside`;
