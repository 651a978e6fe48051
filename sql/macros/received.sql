{# Which rows of marketing_emails count: known at T, whole, and of marketing emails. #}
{% macro counting(loaded_at, email_type) %}
occurred_at <= $tick_at AND contact_id IS NOT NULL AND event_id IS NOT NULL
{% if loaded_at %}
  AND (loaded_at IS NULL OR loaded_at <= $tick_at)
{% endif %}
{% if email_type %}
  AND email_type = 'marketing'
{% endif %}
{% endmacro %}
{# The first of some instants; one before the year 1 (-infinity, too) is that year's first. #}
{% macro first_instant() %}
GREATEST(MIN(occurred_at), TIMESTAMP '0001-01-01 00:00:00')
{%- endmacro %}
{# Marketing emails that reached their contacts, each event once, at its first instant. #}
{% macro received(view, workflows, loaded_at, email_type) %}
SELECT workflow_id, contact_id, email_id, {{ first_instant() }} AS received_at,
  CAST(event_id AS VARCHAR) AS event_id
FROM "{{ view }}" AS e
SEMI JOIN {{ workflows }} USING (workflow_id)
WHERE e.event = $receipt_event AND {{ counting(loaded_at, email_type) }}
GROUP BY workflow_id, contact_id, email_id, event_id
{% endmacro %}
