DELETE FROM `goalsql`.`receipts`
WHERE
  `receipts`.`workflow_id` IN (
    SELECT
      `in_level`.`workflow_id`
    FROM `goalsql_tick`.`in_level` AS `in_level`
  );
