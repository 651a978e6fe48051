DROP TABLE IF EXISTS `goalsql_tick`.`turn_aside`;
CREATE TABLE `goalsql_tick`.`turn_aside`
USING PARQUET AS
SELECT
  `turn`.`node`,
  `turn`.`contact_id`,
  `turn`.`turned_at`,
  `turn`.`holds`
FROM `goalsql_tick`.`turn` AS `turn`
WHERE
  NOT COALESCE(`turn`.`turned_at` > CAST('2026-01-20 00:00:00' AS TIMESTAMP_NTZ), FALSE);
DROP TABLE IF EXISTS `goalsql_tick`.`turn`;
CREATE TABLE `goalsql_tick`.`turn`
USING PARQUET AS
SELECT
  *
FROM `goalsql_tick`.`turn_aside`;
DROP TABLE IF EXISTS `goalsql_tick`.`turn_aside`;
DROP TABLE IF EXISTS `goalsql_tick`.`turn_aside`;
CREATE TABLE `goalsql_tick`.`turn_aside`
USING PARQUET AS
SELECT
  `turn`.`node`,
  `turn`.`contact_id`,
  `turn`.`turned_at`,
  `turn`.`holds`
FROM `goalsql_tick`.`turn` AS `turn`
WHERE
  NOT COALESCE(`turn`.`turned_at` > CAST('2026-01-20 00:00:00' AS TIMESTAMP_NTZ), FALSE);
DROP TABLE IF EXISTS `goalsql_tick`.`turn`;
CREATE TABLE `goalsql_tick`.`turn`
USING PARQUET AS
SELECT
  *
FROM `goalsql_tick`.`turn_aside`;
DROP TABLE IF EXISTS `goalsql_tick`.`turn_aside`;
