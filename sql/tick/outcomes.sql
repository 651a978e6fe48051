{% from "macros/lasting.sql" import lasting %}
-- name: outcomes.truth
-- Finds the truth intervals of goals, exits, arms and `also` for those contacts.
INSERT INTO truth
WITH {{ lasting("turn", "contact_id", "wanted", True) }};
-- name: outcomes.firing
-- Merges firings at the same instant, numbers those of each contact, and says what the decision
-- would be for an idle one. Of the intervals of a contact the last that has begun is looked at: they
-- are apart, and may be many.
CREATE OR REPLACE TEMPORARY TABLE firing AS
WITH also_held AS (
  SELECT fired.workflow_id, fired.contact_id, fired.decided_at, fired.triggered_at,
    fired.re_enroll
  FROM fired
  ASOF JOIN truth ON truth.root = fired.also AND truth.contact_id = fired.contact_id
    AND truth.valid_from <= fired.decided_at
  WHERE fired.decided_at < truth.valid_to
  UNION ALL
  SELECT workflow_id, contact_id, decided_at, triggered_at, re_enroll
  FROM fired
  WHERE also IS NULL
),
merged AS (
  SELECT workflow_id, contact_id, decided_at, MAX(triggered_at) AS triggered_at,
    BOOL_OR(re_enroll) AS re_enroll
  FROM also_held
  GROUP BY workflow_id, contact_id, decided_at
),
barred AS (
  SELECT merged.workflow_id, merged.contact_id, merged.decided_at, MIN(role.decision_rank) AS rank
  FROM merged
  JOIN role USING (workflow_id)
  ASOF JOIN truth ON truth.root = role.root AND truth.contact_id = merged.contact_id
    AND truth.valid_from <= merged.decided_at
  WHERE merged.decided_at < truth.valid_to
  GROUP BY merged.workflow_id, merged.contact_id, merged.decided_at
)
SELECT merged.workflow_id, merged.contact_id, merged.decided_at, merged.triggered_at,
  merged.re_enroll,
  ROW_NUMBER() OVER (
    PARTITION BY merged.workflow_id, merged.contact_id ORDER BY merged.decided_at
  ) AS firing_no,
  CASE barred.rank
    WHEN 1 THEN 'suppressed'
    WHEN 2 THEN 'unenrollment_trigger'
    WHEN 3 THEN 'goal_already_met'
    ELSE 'enrolled'
  END AS outcome
FROM merged
LEFT JOIN barred USING (workflow_id, contact_id, decided_at);
