{% from "report/comments.jinja" import comments %}
-- name: report.workflow_overview
-- All workflows side by side, each rate with how far chance may have moved it: Wilson's interval
-- at 95 %, for which z is 1.96: its square is written out, for powers differ in their last digit.
CREATE OR REPLACE VIEW report.workflow_overview AS
WITH spread AS (
  SELECT workflow_id, conversion_rate AS rate, recipients AS n, 3.8414588206941254e0 AS z2
  FROM report.workflow_goal_metrics
  WHERE conversion_rate IS NOT NULL
),
bounds AS (
  SELECT workflow_id, (rate + z2 / (2 * n)) / (1 + z2 / n) AS center,
    SQRT(z2 * (rate * (1 - rate) / n + z2 / (4 * n * n))) / (1 + z2 / n) AS reach
  FROM spread
),
latest AS (
  SELECT workflow_id, MAX(enrolled_at) AS last_enrolled_at
  FROM goalsql.enrollments
  GROUP BY workflow_id
)
SELECT metrics.workflow_id, metrics.workflow_name, workflow.enabled, metrics.goal_name,
  metrics.enrolled, metrics.active, metrics.recipients, metrics.met_goal, metrics.converted,
  metrics.conversion_rate,
  CASE WHEN metrics.converted > 0 THEN center - reach WHEN center IS NOT NULL THEN 0 END
    AS rate_low,
  CASE
    WHEN metrics.converted < metrics.recipients THEN center + reach
    WHEN center IS NOT NULL THEN 1
  END AS rate_high,
  metrics.unavailable_reason, latest.last_enrolled_at
FROM report.workflow_goal_metrics AS metrics
JOIN goalsql.workflows AS workflow ON workflow.workflow_id = metrics.workflow_id
LEFT JOIN bounds ON bounds.workflow_id = metrics.workflow_id
LEFT JOIN latest ON latest.workflow_id = metrics.workflow_id
ORDER BY metrics.workflow_id;
{{ comments("report.workflow_overview",
  "One row for each workflow: the figures that tell workflows apart, as of the last tick, of the current goal epoch.", {
  "workflow_id": "The workflow.",
  "workflow_name": "Its name.",
  "enabled": "Whether it enrolled contacts as of the last tick.",
  "goal_name": "The name of its goal; NULL without a goal.",
  "enrolled": "Contacts ever enrolled.",
  "active": "Contacts whose latest enrollment is active.",
  "recipients": "Contacts with a marketing email from the workflow and an enrollment that the goal of the current epoch could see.",
  "met_goal": "Contacts that met the goal in the current epoch, with or without an email.",
  "converted": "Contacts that met the goal in the current epoch after their first email from the workflow.",
  "conversion_rate": "converted / recipients; NULL where unavailable_reason says why.",
  "rate_low": "The lower end of the 95 % interval of Wilson for conversion_rate.",
  "rate_high": "Its upper end: where the intervals of two workflows overlap, chance may be all that tells them apart.",
  "unavailable_reason": "Why there is no conversion_rate: no_goal, no_marketing_email, subscription or no_recipients.",
  "last_enrolled_at": "When a contact was last enrolled; NULL if nobody has been."}) }}
