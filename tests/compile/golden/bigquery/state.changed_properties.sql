INSERT INTO `goalsql`.`changed_properties`
SELECT
  CAST(`listed`.`c0` AS STRING) AS `property`
FROM UNNEST([STRUCT('plan' AS `c0`), STRUCT('points' AS `c0`), STRUCT('stage' AS `c0`)]) AS `listed`;
