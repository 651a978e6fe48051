{# The day of an instant in the timezone of the project. #}
{% macro local_day(instant) -%}
CAST(({{ instant }} AT TIME ZONE 'UTC')
  AT TIME ZONE (SELECT timezone FROM goalsql.project) AS DATE)
{%- endmacro %}
