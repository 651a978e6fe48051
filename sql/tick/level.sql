-- name: {{ turn }}.members_{{ level }}
-- The members of the combinations of this level, for whom they must be known.
CREATE OR REPLACE TEMPORARY TABLE member_needed AS
SELECT need.node, {{ 'need.' ~ key.split(', ') | join(', need.') }}, member.child, member.sign
FROM {{ need }} AS need
JOIN node AS above ON above.node = need.node AND above.level = {{ level }}{{ only }}
JOIN member ON member.parent = need.node;
-- name: {{ turn }}.level_{{ level }}
-- Sweeps the combinations whose members are all known by now: `all` and `any`, with opposites. The
-- sum of the deltas up to an instant is the coverage; a node is true while it is at least low.
INSERT INTO {{ turn }}
WITH turned AS (
  SELECT needed.node, {{ key }}, turned_at, sign * CASE WHEN holds THEN 1 ELSE -1 END AS delta
  FROM member_needed AS needed
  JOIN (SELECT node AS child, {{ key }}, turned_at, holds FROM {{ turn }}) AS below
    USING (child, {{ key }})
{% if free %}
  UNION ALL
  SELECT member.parent, {{ key }}, turned_at, member.sign * CASE WHEN holds THEN 1 ELSE -1 END
  FROM {{ turn }}
  JOIN member ON member.child = {{ turn }}.node
  JOIN node AS above ON above.node = member.parent AND above.level = {{ level }}
  WHERE above.free
{% endif %}
),
covered AS (
  SELECT node, {{ key }}, turned_at,
    SUM(delta) OVER (PARTITION BY node, {{ key }} ORDER BY turned_at) AS coverage
  FROM turned
),
standing AS (
  SELECT covered.*, coverage >= low AS holds
  FROM covered
  JOIN node USING (node)
),
compared AS (
  SELECT node, {{ key }}, turned_at, holds,
    LAG(holds, 1, FALSE) OVER (PARTITION BY node, {{ key }} ORDER BY turned_at) AS held
  FROM standing
)
SELECT node, {{ key }}, turned_at, holds
FROM compared
WHERE holds <> held;
