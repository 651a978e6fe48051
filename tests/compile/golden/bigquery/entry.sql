CREATE OR REPLACE TABLE `goalsql_tick`.`entry` AS
SELECT
  `seen`.`property`,
  `seen`.`contact_id`,
  `seen`.`created_at`,
  `seen`.`starts_at`,
  LEAD(`seen`.`starts_at`, 1, CAST('9999-12-31 00:00:00' AS DATETIME)) OVER (
    PARTITION BY `seen`.`property`, `seen`.`contact_id`
    ORDER BY `seen`.`starts_at` IS NULL ASC, `seen`.`starts_at`, `seen`.`origin` IS NULL ASC, `seen`.`origin`, `seen`.`occurred_at` IS NULL ASC, `seen`.`occurred_at`, `seen`.`text`
  ) AS `ends_at`,
  `seen`.`value`,
  CASE
    WHEN ROW_NUMBER() OVER (
      PARTITION BY `seen`.`property`, `seen`.`contact_id`
      ORDER BY `seen`.`starts_at` IS NULL ASC, `seen`.`starts_at`, `seen`.`origin` IS NULL ASC, `seen`.`origin`, `seen`.`occurred_at` IS NULL ASC, `seen`.`occurred_at`, `seen`.`text`
    ) = 1
    THEN CASE WHEN `seen`.`origin` = 0 THEN `seen`.`value` END
    ELSE LAG(`seen`.`value`, 1) OVER (
      PARTITION BY `seen`.`property`, `seen`.`contact_id`
      ORDER BY `seen`.`starts_at` IS NULL ASC, `seen`.`starts_at`, `seen`.`origin` IS NULL ASC, `seen`.`origin`, `seen`.`occurred_at` IS NULL ASC, `seen`.`occurred_at`, `seen`.`text`
    )
  END AS `previous`
FROM (
  SELECT
    `c`.`property`,
    `c`.`contact_id`,
    `c`.`occurred_at`,
    `c`.`text`,
    `c`.`value`,
    `c`.`origin`,
    `contact`.`created_at`,
    COALESCE(
      GREATEST(`c`.`occurred_at`, `contact`.`created_at`),
      `c`.`occurred_at`,
      `contact`.`created_at`
    ) AS `starts_at`
  FROM (
    SELECT
      `changed`.`property`,
      `changed`.`contact_id`,
      `changed`.`occurred_at`,
      `changed`.`text`,
      `changed`.`value`,
      2 AS `origin`
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
      NOT COALESCE(`changed`.`value` IS NULL AND `changed`.`text` <> '', FALSE)
      AND `changed`.`occurred_at` <= CAST('2026-01-20 00:00:00' AS DATETIME)
  ) AS `c`
  JOIN `goalsql_tick`.`contact` AS `contact`
    ON `c`.`contact_id` = `contact`.`contact_id`
) AS `seen`;
