{% set spans = {
  "report.goal_contacts": ["time_to_goal"],
  "report.time_to_goal": ["p25", "median", "p75", "p90"],
} %}
-- name: export.{{ relation }}
-- Writes a relation as Parquet; spans of time as seconds, for few readers know intervals.
COPY (
  SELECT *
{% for column in spans.get(relation, []) %}
  {{ "REPLACE (" if loop.first else "" }}EPOCH_US(TIMESTAMP '1970-01-01' + {{ column }}) / 1000000 AS {{ column }}{{ ")" if loop.last else "," }}
{% endfor %}
  FROM {{ relation }}
{% if since %}
  WHERE tick_id > $since
{% endif %}
) TO $path (
  FORMAT PARQUET, COMPRESSION ZSTD
{% if partition %}
  , PARTITION_BY (workflow_id), WRITE_PARTITION_COLUMNS TRUE
{% endif %}
);
