{# From turns to truth intervals: `turned` holds (root, key, turned_at, holds). A root that is the
   opposite of its node holds from created_at on, but for the node's own intervals. #}
{% macro lasting(turn, key, base, semi) %}
turned AS (
  SELECT root, {{ key }}, turned_at, holds
  FROM {{ turn }}
  JOIN root USING (node)
{% if semi %}
  SEMI JOIN {{ base }} USING (root, {{ key }})
{% endif %}
  WHERE root.positive
  UNION ALL
  SELECT root, {{ key }}, turned_at, BOOL_AND(holds)
  FROM (
    SELECT root, {{ key }}, turned_at, NOT holds AS holds
    FROM {{ turn }}
    JOIN root USING (node)
    SEMI JOIN {{ base }} USING (root, {{ key }})
    WHERE NOT root.positive
    UNION ALL
    SELECT root, {{ key }}, created_at, TRUE
    FROM {{ base }}
    JOIN root USING (root)
    WHERE NOT root.positive
  ) AS opposite
  GROUP BY root, {{ key }}, turned_at
),
lasting AS (
  SELECT root, {{ key }}, turned_at AS valid_from,
    LEAD(turned_at, 1, TIMESTAMP '9999-12-31')
      OVER (PARTITION BY root, {{ key }} ORDER BY turned_at) AS valid_to,
    holds
  FROM turned
)
SELECT root, {{ key }}, valid_from, valid_to
FROM lasting
WHERE holds
{% endmacro %}
