{% from "macros/sweep.sql" import sweep %}
-- name: {{ turn }}.members_{{ level }}
-- The members of the combinations of this level, for whom they must be known.
CREATE OR REPLACE TEMPORARY TABLE member_needed AS
SELECT need.node, {{ 'need.' ~ key.split(', ') | join(', need.') }}, member.child, member.sign,
  member.bit
FROM {{ need }} AS need
JOIN node AS above ON above.node = need.node AND above.level = {{ level }}{{ only }}
JOIN member ON member.parent = need.node;
-- name: {{ turn }}.level_{{ level }}
-- Sweeps the combinations whose members are all known by now: `all` and `any`, with opposites.
INSERT INTO {{ turn }}
WITH turned AS (
  SELECT needed.node, {{ key }}, turned_at, holds, sign, bit
  FROM member_needed AS needed
  JOIN (SELECT node AS child, {{ key }}, turned_at, holds FROM {{ turn }}) AS below
    USING (child, {{ key }})
{% if free %}
  UNION ALL
  SELECT member.parent, {{ key }}, turned_at, holds, member.sign, member.bit
  FROM {{ turn }}
  JOIN member ON member.child = {{ turn }}.node
  JOIN node AS above ON above.node = member.parent AND above.level = {{ level }}
  WHERE above.free
{% endif %}
),
complete AS (
  SELECT node, {{ key }}
  FROM turned
  JOIN node USING (node)
  WHERE holds AND sign > 0
  GROUP BY node, {{ key }}, node.low
  HAVING BIT_COUNT(BIT_OR(bit)) >= node.low
),
change AS (
  SELECT node, {{ key }}, turned_at AS changed_at,
    SUM(sign * CASE WHEN holds THEN 1 ELSE -1 END) AS delta
  FROM turned
  JOIN complete USING (node, {{ key }})
  GROUP BY node, {{ key }}, turned_at
  HAVING SUM(sign * CASE WHEN holds THEN 1 ELSE -1 END) <> 0
),
{{ sweep("node, " ~ key) }}
SELECT * FROM swept;
