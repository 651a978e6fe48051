INSERT INTO `goalsql`.`matches`
SELECT
  `taken`.`rule` AS `matcher`,
  `taken`.`contact_id`,
  `taken`.`occurred_at`,
  NULL AS `event_id`,
  CASE
    WHEN `taken`.`rule` IN (1)
    THEN FARM_FINGERPRINT(CAST(`taken`.`event_id` AS STRING))
  END AS `event_key`
FROM (
  SELECT
    `e`.`contact_id`,
    `e`.`event_id`,
    `e`.`occurred_at`,
    `texts`.`rule`
  FROM `events page_view` AS `e`
  JOIN (
    SELECT
      `e`.`path` AS `text`,
      `chosen`.`value` AS `rule`
    FROM (
      SELECT DISTINCT
        `e`.`path`
      FROM `events page_view` AS `e`
    ) AS `e`
    CROSS JOIN UNNEST([STRUCT(1 AS `value`)]) AS `chosen`
    WHERE
      COALESCE(STARTS_WITH(`e`.`path`, '/pricing'), FALSE)
      AND CASE `chosen`.`value`
        WHEN 1
        THEN COALESCE(STARTS_WITH(`e`.`path`, '/pricing'), FALSE)
        ELSE FALSE
      END
  ) AS `texts`
    ON `e`.`path` IS NOT DISTINCT FROM `texts`.`text`
  WHERE
    `e`.`occurred_at` <= CAST('2026-01-20 00:00:00' AS DATETIME)
    AND NOT `e`.`event_id` IS NULL
    AND NOT `e`.`contact_id` IS NULL
) AS `taken`;
