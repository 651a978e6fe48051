CREATE OR REPLACE TABLE `goalsql_tick`.`texts_1` AS
SELECT
  `e`.`path` AS `text`,
  COALESCE(STARTS_WITH(`e`.`path`, '/pricing'), FALSE) AS `holds_3`
FROM (
  SELECT
    `e`.`path`
  FROM `events page_view` AS `e`
  GROUP BY
    `e`.`path`
  HAVING
    CASE
      WHEN COUNT(*) > 0
      THEN COALESCE(STARTS_WITH(`e`.`path`, '/pricing'), FALSE)
      ELSE FALSE
    END
) AS `e`;
