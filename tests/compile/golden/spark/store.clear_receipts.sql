DROP TABLE IF EXISTS `goalsql_tick`.`receipts_aside`;
CREATE TABLE `goalsql_tick`.`receipts_aside`
USING PARQUET AS
SELECT
  `receipts`.`workflow_id`,
  `receipts`.`contact_id`,
  `receipts`.`email_id`,
  `receipts`.`received_at`,
  `receipts`.`event_id`,
  `receipts`.`tick_id`
FROM `goalsql`.`receipts` AS `receipts`
WHERE
  NOT COALESCE(
    `receipts`.`workflow_id` IN (
      SELECT
        `in_level`.`workflow_id`
      FROM `goalsql_tick`.`in_level` AS `in_level`
    ),
    FALSE
  );
DROP TABLE IF EXISTS `goalsql`.`receipts`;
CREATE TABLE `goalsql`.`receipts`
USING PARQUET AS
SELECT
  *
FROM `goalsql_tick`.`receipts_aside`;
DROP TABLE IF EXISTS `goalsql_tick`.`receipts_aside`;
