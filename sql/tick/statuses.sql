-- name: span.statuses
-- Finds when contacts had the statuses of workflows that criteria ask for.
INSERT INTO span
WITH passage AS (
  SELECT workflow_id, contact_id, status, enrolled_at, ended_at,
    LEAD(enrolled_at, 1, TIMESTAMP '9999-12-31')
      OVER (PARTITION BY workflow_id, contact_id ORDER BY enrollment_no) AS next_enrolled_at
  FROM goalsql.enrollments
  SEMI JOIN status USING (workflow_id)
),
stood AS (
  SELECT workflow_id, contact_id, 'enrolled' AS status, enrolled_at AS valid_from,
    TIMESTAMP '9999-12-31' AS valid_to
  FROM passage
  UNION ALL
  SELECT workflow_id, contact_id, 'active', enrolled_at,
    COALESCE(ended_at, TIMESTAMP '9999-12-31')
  FROM passage
  UNION ALL
  SELECT workflow_id, contact_id, status, ended_at, next_enrolled_at
  FROM passage
  WHERE ended_at IS NOT NULL
  UNION ALL
  SELECT workflow_id, contact_id, 'met_goal', met_at, TIMESTAMP '9999-12-31'
  FROM goalsql.conversions
  WHERE converted
  UNION ALL
  SELECT workflow_id, contact_id, 'met_goal_any', met_at, TIMESTAMP '9999-12-31'
  FROM goalsql.goal_completions
)
SELECT status.node, contact.contact_id, GREATEST(stood.valid_from, contact.created_at),
  stood.valid_to
FROM stood
JOIN status USING (workflow_id, status)
JOIN contact USING (contact_id);
