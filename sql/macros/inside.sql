{# When enrollments are inside the goal and the exits of their workflow, from their from_at on:
   (kept columns, role, valid_from, inside_at). #}
{% macro inside(enrollments, kept, scoped) %}
  SELECT {{ kept }}, role.role, truth.valid_from,
    GREATEST(truth.valid_from, enrollment.from_at) AS inside_at
  FROM {{ enrollments }} AS enrollment
  JOIN role USING (workflow_id)
  JOIN truth ON truth.root = role.root AND truth.contact_id = enrollment.contact_id
    AND truth.valid_to > enrollment.from_at
  WHERE NOT role.scoped
{% if scoped %}
  UNION ALL
  SELECT {{ kept }}, role.role, scoped_truth.valid_from,
    GREATEST(scoped_truth.valid_from, enrollment.from_at)
  FROM {{ enrollments }} AS enrollment
  JOIN role USING (workflow_id)
  JOIN scoped_truth ON scoped_truth.root = role.root
    AND scoped_truth.contact_id = enrollment.contact_id
    AND scoped_truth.since = enrollment.enrolled_at
    AND scoped_truth.valid_to > enrollment.from_at
  WHERE role.scoped
{% endif %}
{% endmacro %}
