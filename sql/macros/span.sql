{# A span of so many microseconds, with days where it is long. #}
{% macro span(microseconds) -%}
TIMESTAMP '1970-01-01' + TO_MICROSECONDS(CAST(ROUND({{ microseconds }}) AS BIGINT))
    - TIMESTAMP '1970-01-01'
{%- endmacro %}
