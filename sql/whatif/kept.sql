-- name: whatif.{{ side }}_contacts
-- Where each contact stands under this definition.
CREATE OR REPLACE TEMPORARY TABLE {{ side }}_contact AS
SELECT contact_id, bucket
FROM goalsql.contact_buckets
WHERE workflow_id = $workflow_id;
-- name: whatif.{{ side }}_metrics
-- The figures under this definition.
CREATE OR REPLACE TEMPORARY TABLE {{ side }}_metrics AS
SELECT goal_name, enrolled, active, completed, unenrolled, unenrolled_by_goal, recipients, met_goal,
  converted, conversion_rate, conversion_rate_enrolled, unavailable_reason
FROM report.workflow_goal_metrics
WHERE workflow_id = $workflow_id;
-- name: whatif.{{ side }}_funnel
-- How many contacts are in each bucket under this definition.
CREATE OR REPLACE TEMPORARY TABLE {{ side }}_funnel AS
SELECT bucket, contacts
FROM report.goal_funnel
WHERE workflow_id = $workflow_id;
