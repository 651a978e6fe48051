-- name: weigh.{{ relation }}
-- How many rows came after a tick, how much those up to it weigh, and how much all of them.
SELECT COUNT(*) FILTER (tick_id > $since), COUNT(*),
  CAST(SUM(CAST(HASH({{ columns }}) AS HUGEINT)) FILTER (tick_id <= $since) AS VARCHAR),
  CAST(SUM(CAST(HASH({{ columns }}) AS HUGEINT)) AS VARCHAR)
FROM {{ relation }};
