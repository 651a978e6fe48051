{% from "macros/local_day.sql" import local_day %}
{% from "report/comments.jinja" import comments %}
-- name: report.exclusions
-- How many triggers enrolled their contact, and what kept the others out, day by day. Counted by
-- quarter of an hour first, as in goal_trend.
CREATE OR REPLACE VIEW report.exclusions AS
WITH quarter AS (
  SELECT workflow_id, outcome, TIME_BUCKET(INTERVAL '15' MINUTE, decided_at) AS decided_at,
    COUNT(*) AS decisions
  FROM goalsql.decisions
  GROUP BY workflow_id, outcome, TIME_BUCKET(INTERVAL '15' MINUTE, decided_at)
),
dated AS (
  SELECT workflow_id, outcome, decisions, {{ local_day("decided_at") }} AS day
  FROM quarter
)
SELECT workflow_id, day, outcome, CAST(SUM(decisions) AS BIGINT) AS decisions
FROM dated
GROUP BY workflow_id, day, outcome
ORDER BY workflow_id, day, outcome;
{{ comments("report.exclusions",
  "One row for each workflow, day and outcome that was decided on it: every outcome but enrolled kept a contact out.", {
  "workflow_id": "The workflow.",
  "day": "The day of decided_at in the timezone of the project.",
  "outcome": "What was decided when the trigger fired: enrolled, or what kept the contact out.",
  "decisions": "How many decisions came out so; a contact counts as often as it was decided on."}) }}
