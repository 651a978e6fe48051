DROP TABLE IF EXISTS `goalsql_tick`.`changed`;
CREATE TABLE `goalsql_tick`.`changed`
USING PARQUET AS
SELECT
  `settled`.`workflow_id`,
  `settled`.`contact_id`,
  `settled`.`enrollment_no`,
  `settled`.`triggered_at`,
  `settled`.`enrolled_at`,
  `settled`.`status`,
  `settled`.`ended_at`,
  `settled`.`end_reason`,
  CASE WHEN `settled`.`status` = 'active' THEN `item`.`step_id` END AS `next_step`,
  CASE WHEN `settled`.`status` = 'active' THEN `settled`.`due_at` END AS `due_at`,
  `settled`.`last_step`,
  CASE WHEN `settled`.`status` <> 'active' THEN 1 END AS `ended_tick`,
  1 AS `tick_id`
FROM `goalsql_tick`.`settled` AS `settled`
LEFT JOIN `goalsql_tick`.`item` AS `item`
  ON `item`.`workflow_id` = `settled`.`workflow_id`
  AND `item`.`block` = `settled`.`block`
  AND `item`.`place` = `settled`.`place`
LEFT JOIN `goalsql`.`enrollments` AS `before`
  ON `before`.`workflow_id` = `settled`.`workflow_id`
  AND `before`.`contact_id` = `settled`.`contact_id`
  AND `before`.`enrollment_no` = `settled`.`enrollment_no`
WHERE
  `before`.`workflow_id` IS NULL
  OR `settled`.`status` <> 'active'
  OR (
    (
      NOT (
        `before`.`next_step` IS NOT DISTINCT FROM `item`.`step_id`
      )
    )
    OR (
      NOT (
        `before`.`due_at` IS NOT DISTINCT FROM `settled`.`due_at`
      )
    )
    OR (
      NOT (
        `before`.`last_step` IS NOT DISTINCT FROM `settled`.`last_step`
      )
    )
  );
