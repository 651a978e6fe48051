{# The sweep (DESIGN 1), a list of CTEs that ends in `swept`: `change` holds (key, changed_at, delta), one row an instant. The sum of the
   deltas in the order of time is the coverage; a node is true while it is at least low. #}
{% macro sweep(key) %}
covered AS (
  SELECT {{ key }}, changed_at,
    SUM(delta) OVER (PARTITION BY {{ key }} ORDER BY changed_at) AS coverage
  FROM change
),
standing AS (
  SELECT covered.*, coverage >= low AS holds
  FROM covered
  JOIN node USING (node)
),
compared AS (
  SELECT {{ key }}, changed_at, holds,
    LAG(holds, 1, FALSE) OVER (PARTITION BY {{ key }} ORDER BY changed_at) AS held
  FROM standing
),
swept AS (
  SELECT {{ key }}, changed_at AS turned_at, holds
  FROM compared
  WHERE holds <> held
)
{% endmacro %}
