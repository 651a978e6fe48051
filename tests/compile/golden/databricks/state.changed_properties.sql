INSERT INTO `goalsql`.`changed_properties`
SELECT
  CAST(`listed`.`c0` AS STRING) AS `property`
FROM VALUES
  ('plan'),
  ('points'),
  ('stage') AS `listed`(`c0`);
