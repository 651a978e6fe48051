{% from "report/comments.jinja" import comments %}
-- name: report.workflow_goal_metrics
-- The figures of every workflow, with the rate or the reason why there is none.
CREATE OR REPLACE VIEW report.workflow_goal_metrics AS
WITH counted AS (
  SELECT workflow_id, COUNT(*) AS enrolled,
    COUNT(*) FILTER (WHERE status = 'active') AS active,
    COUNT(*) FILTER (WHERE status = 'completed') AS completed,
    COUNT(*) FILTER (WHERE status = 'unenrolled') AS unenrolled,
    COUNT(*) FILTER (WHERE unenrolled_by_goal) AS unenrolled_by_goal,
    COUNT(recipient_at) AS recipients, COUNT(met_at) AS met_goal, COUNT(converted_at) AS converted
  FROM goalsql.contact_results
  GROUP BY workflow_id
),
figures AS (
  SELECT workflow.workflow_id, workflow.workflow_name, workflow.goal_name, workflow.goal_epoch,
    COALESCE(enrolled, 0) AS enrolled, COALESCE(active, 0) AS active,
    COALESCE(completed, 0) AS completed, COALESCE(unenrolled, 0) AS unenrolled,
    COALESCE(unenrolled_by_goal, 0) AS unenrolled_by_goal,
    COALESCE(recipients, 0) AS recipients, COALESCE(met_goal, 0) AS met_goal,
    COALESCE(converted, 0) AS converted,
    bar.reason
  FROM goalsql.workflows AS workflow
  LEFT JOIN counted ON counted.workflow_id = workflow.workflow_id
  LEFT JOIN goalsql.rate_bars AS bar ON bar.workflow_id = workflow.workflow_id
)
SELECT workflow_id, workflow_name, goal_name, goal_epoch, enrolled, active, completed, unenrolled,
  unenrolled_by_goal, recipients, met_goal, converted,
  CASE WHEN reason IS NULL THEN converted / NULLIF(recipients, 0) END AS conversion_rate,
  CASE WHEN reason IS NULL THEN converted / NULLIF(enrolled, 0) END AS conversion_rate_enrolled,
  CASE WHEN reason IS NULL AND recipients = 0 THEN 'no_recipients' ELSE reason END
    AS unavailable_reason
FROM figures
ORDER BY workflow_id;
{{ comments("report.workflow_goal_metrics",
  "One row for each workflow: its figures as of the last tick, of the current goal epoch.", {
  "workflow_id": "The workflow.",
  "workflow_name": "Its name.",
  "goal_name": "The name of its goal; NULL without a goal.",
  "goal_epoch": "The current goal epoch; NULL without a goal.",
  "enrolled": "Contacts ever enrolled.",
  "active": "Contacts whose latest enrollment is active.",
  "completed": "Contacts whose latest enrollment ran to its end.",
  "unenrolled": "Contacts whose latest enrollment ended otherwise.",
  "unenrolled_by_goal": "Contacts with an enrollment that ended because the goal was met, in any epoch.",
  "recipients": "Contacts with a marketing email from the workflow and an enrollment that the goal of the current epoch could see.",
  "met_goal": "Contacts that met the goal in the current epoch, with or without an email.",
  "converted": "Contacts that met the goal in the current epoch after their first email from the workflow.",
  "conversion_rate": "converted / recipients; NULL where unavailable_reason says why.",
  "conversion_rate_enrolled": "converted / enrolled, the figure of the performance page of HubSpot.",
  "unavailable_reason": "Why there is no conversion_rate: no_goal, no_marketing_email, subscription or no_recipients."}) }}
