DROP TABLE IF EXISTS `goalsql_tick`.`enrollments_aside`;
CREATE TABLE `goalsql_tick`.`enrollments_aside`
USING PARQUET AS
SELECT
  `enrollments`.`workflow_id`,
  `enrollments`.`contact_id`,
  `enrollments`.`enrollment_no`,
  `enrollments`.`triggered_at`,
  `enrollments`.`enrolled_at`,
  `enrollments`.`status`,
  `enrollments`.`ended_at`,
  `enrollments`.`end_reason`,
  `enrollments`.`next_step`,
  `enrollments`.`due_at`,
  `enrollments`.`last_step`,
  `enrollments`.`ended_tick`,
  `enrollments`.`tick_id`
FROM `goalsql`.`enrollments` AS `enrollments`
WHERE
  NOT EXISTS(
    SELECT
      1 AS `1`
    FROM `goalsql_tick`.`changed` AS `changed`
    WHERE
      `enrollments`.`workflow_id` = `changed`.`workflow_id`
      AND `enrollments`.`contact_id` = `changed`.`contact_id`
      AND `enrollments`.`enrollment_no` = `changed`.`enrollment_no`
  );
DROP TABLE IF EXISTS `goalsql`.`enrollments`;
CREATE TABLE `goalsql`.`enrollments`
USING PARQUET AS
SELECT
  *
FROM `goalsql_tick`.`enrollments_aside`;
DROP TABLE IF EXISTS `goalsql_tick`.`enrollments_aside`;
