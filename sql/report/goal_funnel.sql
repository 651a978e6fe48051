{% from "report/comments.jinja" import comments %}
-- name: goalsql.contact_buckets
-- In which of the nine buckets of the funnel each contact ever enrolled is.
CREATE OR REPLACE VIEW goalsql.contact_buckets AS
SELECT workflow_id, contact_id,
  CASE
    WHEN converted_at IS NOT NULL THEN 'converted'
    WHEN met_at IS NOT NULL AND first_receipt_at IS NOT NULL THEN 'met_goal_before_email'
    WHEN met_at IS NOT NULL THEN 'met_goal_no_email'
    WHEN first_receipt_at IS NOT NULL AND status = 'active' THEN 'emailed_active'
    WHEN first_receipt_at IS NOT NULL AND status = 'completed' THEN 'emailed_completed'
    WHEN first_receipt_at IS NOT NULL THEN 'emailed_left'
    WHEN status = 'active' THEN 'not_emailed_active'
    WHEN status = 'completed' THEN 'not_emailed_completed'
    ELSE 'not_emailed_left'
  END AS bucket
FROM goalsql.contact_results;
-- name: report.goal_funnel
-- How far every contact ever enrolled has come: each in exactly one of nine buckets.
CREATE OR REPLACE VIEW report.goal_funnel AS
WITH bucket AS (
  SELECT bucket, place
  FROM (VALUES
    ('converted', 1), ('met_goal_before_email', 2), ('met_goal_no_email', 3),
    ('emailed_active', 4), ('emailed_completed', 5), ('emailed_left', 6),
    ('not_emailed_active', 7), ('not_emailed_completed', 8), ('not_emailed_left', 9)
  ) AS listed(bucket, place)
),
counted AS (
  SELECT workflow_id, bucket, COUNT(*) AS contacts
  FROM goalsql.contact_buckets
  GROUP BY workflow_id, bucket
)
SELECT workflow.workflow_id, bucket.bucket, COALESCE(counted.contacts, 0) AS contacts
FROM goalsql.workflows AS workflow
CROSS JOIN bucket
LEFT JOIN counted
  ON counted.workflow_id = workflow.workflow_id AND counted.bucket = bucket.bucket
ORDER BY workflow.workflow_id, bucket.place;
{{ comments("goalsql.contact_buckets",
  "One row for each contact ever enrolled in a workflow: its bucket in report.goal_funnel.", {
  "workflow_id": "The workflow.",
  "contact_id": "The contact.",
  "bucket": "One of the nine buckets."}) }}
{{ comments("report.goal_funnel",
  "Nine rows for each workflow; every contact ever enrolled is in exactly one of them.", {
  "workflow_id": "The workflow.",
  "bucket": "converted; met_goal_before_email: met the goal with an email, but not after it; met_goal_no_email: met it without one; emailed or not_emailed, and active, completed or left: have not met the goal of the current epoch, by their latest enrollment.",
  "contacts": "How many contacts are in the bucket; they sum to enrolled."}) }}
