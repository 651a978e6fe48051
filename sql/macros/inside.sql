{# When enrollments are inside each goal and exit of their workflow, from their from_at on: (kept
   columns, role, valid_from, inside_at). The intervals of a contact are apart, so the first that
   ends later is the one; by 'valid_from', the first that begins later. #}
{% macro inside(enrollments, kept, scoped, roles="role", by="valid_to") %}
  SELECT {{ kept }}, role.role, truth.valid_from,
    GREATEST(truth.valid_from, enrollment.from_at) AS inside_at
  FROM {{ enrollments }} AS enrollment
  JOIN {{ roles }} AS role USING (workflow_id)
  ASOF JOIN truth ON truth.root = role.root AND truth.contact_id = enrollment.contact_id
    AND truth.{{ by }} > enrollment.from_at
{% if scoped %}
  UNION ALL
  SELECT {{ kept }}, role.role, scoped_truth.valid_from,
    GREATEST(scoped_truth.valid_from, enrollment.from_at)
  FROM {{ enrollments }} AS enrollment
  JOIN {{ roles }} AS role USING (workflow_id)
  ASOF JOIN scoped_truth ON scoped_truth.root = role.root
    AND scoped_truth.contact_id = enrollment.contact_id
    AND scoped_truth.since = enrollment.enrolled_at
    AND scoped_truth.{{ by }} > enrollment.from_at
{% endif %}
{% endmacro %}
