{% from "report/comments.jinja" import comments %}
-- name: report.time_to_goal_histogram
-- How the converted are spread over the time from the first email to the goal: all spans of every
-- workflow with a goal epoch, those without contacts too.
CREATE OR REPLACE VIEW report.time_to_goal_histogram AS
WITH span AS (
  SELECT from_days, LEAD(from_days) OVER (ORDER BY from_days) AS to_days
  FROM (VALUES (0), (1), (2), (3), (5), (7), (14), (21), (30), (60), (90)) AS edge(from_days)
),
first_success AS (
  SELECT workflow_id, goal_epoch, contact_id, MIN(EPOCH(met_at) - EPOCH(first_receipt_at)) AS taken
  FROM goalsql.conversions
  WHERE converted
  GROUP BY workflow_id, goal_epoch, contact_id
),
counted AS (
  SELECT first_success.workflow_id, first_success.goal_epoch, span.from_days, COUNT(*) AS converted
  FROM first_success
  JOIN span ON first_success.taken >= span.from_days * 86400
    AND (first_success.taken < span.to_days * 86400 OR span.to_days IS NULL)
  GROUP BY first_success.workflow_id, first_success.goal_epoch, span.from_days
)
SELECT epoch.workflow_id, epoch.goal_epoch, span.from_days, span.to_days,
  COALESCE(counted.converted, 0) AS converted
FROM goalsql.goal_epochs AS epoch
CROSS JOIN span
LEFT JOIN counted
  ON counted.workflow_id = epoch.workflow_id AND counted.goal_epoch = epoch.goal_epoch
  AND counted.from_days = span.from_days
ORDER BY epoch.workflow_id, epoch.goal_epoch, span.from_days;
{{ comments("report.time_to_goal_histogram",
  "Eleven rows for each workflow and goal epoch: how many contacts took how long from their first email to the goal. Over all rows they sum to the converted contacts of the epoch.", {
  "workflow_id": "The workflow.",
  "goal_epoch": "The goal epoch.",
  "from_days": "The span begins so many days of 24 hours after the first receipt, itself included.",
  "to_days": "It ends before so many days; NULL for the last one, which has no end.",
  "converted": "Contacts that converted in that span, each by its first conversion of the epoch."}) }}
