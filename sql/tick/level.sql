{% from "macros/sweep.sql" import sweep %}
-- name: {{ turn }}.level
-- Sweeps the combinations whose members are all known by now: `all` and `any`, with opposites.
INSERT INTO {{ turn }}
WITH complete AS (
  SELECT member.parent AS node, {{ key }}
  FROM {{ turn }}
  JOIN member ON member.child = {{ turn }}.node AND member.sign > 0
  JOIN node AS above ON above.node = member.parent AND above.level = :level
  WHERE holds{{ only }}
  GROUP BY member.parent, {{ key }}, above.low
  HAVING COUNT(DISTINCT member.child) >= above.low
),
turned AS (
  SELECT member.parent AS node, {{ key }}, turned_at,
    CASE WHEN holds THEN member.sign ELSE -member.sign END AS delta
  FROM {{ turn }}
  JOIN member ON member.child = {{ turn }}.node
),
change AS (
  SELECT node, {{ key }}, turned_at AS changed_at, SUM(delta) AS delta
  FROM turned
  JOIN complete USING (node, {{ key }})
  GROUP BY node, {{ key }}, turned_at
  HAVING SUM(delta) <> 0
),
{{ sweep("node, " ~ key) }}
SELECT * FROM swept;
