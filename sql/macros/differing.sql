{# The contacts that have other rows in one relation than in another of the same columns: their
   rows do not weigh the same. #}
{% macro differing(now, before, columns) %}
SELECT contact_id
FROM (
  SELECT contact_id, 1 AS side, HASH({{ columns }}) AS weight FROM {{ now }}
  UNION ALL
  SELECT contact_id, -1, HASH({{ columns }}) FROM {{ before }}
) AS weighed
GROUP BY contact_id
HAVING SUM(side) <> 0 OR SUM(side * CAST(weight AS HUGEINT)) <> 0
{% endmacro %}
