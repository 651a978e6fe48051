{# The contacts that have other rows in one relation than in another of the same columns: their
   rows do not weigh the same. Sail fails at hashes of what is the same in a whole file, which a
   contact seldom is. #}
{% macro differing(now, before, columns) %}
SELECT contact_id
FROM (
  SELECT contact_id, 1 AS side, HASH(contact_id, {{ columns }}) AS weight FROM {{ now }}
  UNION ALL
  SELECT contact_id, -1, HASH(contact_id, {{ columns }}) FROM {{ before }}
) AS weighed
GROUP BY contact_id
HAVING SUM(side) <> 0 OR SUM(side * CAST(weight AS HUGEINT)) <> 0
{% endmacro %}
