DELETE FROM `goalsql_tick`.`turn`
WHERE
  `turn`.`turned_at` > CAST('2026-01-20 00:00:00' AS DATETIME);
DELETE FROM `goalsql_tick`.`turn`
WHERE
  `turn`.`turned_at` > CAST('2026-01-20 00:00:00' AS DATETIME);
