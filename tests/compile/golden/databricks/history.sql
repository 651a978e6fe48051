CREATE OR REPLACE TABLE `goalsql_tick`.`history` AS
SELECT DISTINCT
  `changed`.`property`,
  `changed`.`contact_id`,
  TRUE AS `has_rows`
FROM (
  SELECT
    `change`.`property`,
    `change`.`contact_id`,
    `change`.`occurred_at`,
    `change`.`value` AS `text`,
    `change`.`value`
  FROM `goalsql_tick`.`change` AS `change`
  WHERE
    `change`.`property` IN ('stage')
) AS `changed`
WHERE
  NOT COALESCE(`changed`.`value` IS NULL AND `changed`.`text` <> '', FALSE);
