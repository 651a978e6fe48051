{% from "report/comments.jinja" import comments %}
-- name: goalsql.first_receipts
-- When each contact first received a marketing email of each workflow, in whatever epoch.
CREATE OR REPLACE VIEW goalsql.first_receipts AS
SELECT workflow_id, contact_id, MIN(received_at) AS first_receipt_at
FROM goalsql.receipts
GROUP BY workflow_id, contact_id;
-- name: goalsql.goal_epochs
-- When each goal epoch began; what was true before does not count in one after the first.
CREATE OR REPLACE VIEW goalsql.goal_epochs AS
SELECT workflow_id, goal_epoch, epoch_from
FROM goalsql.workflows
WHERE goal_epoch IS NOT NULL
UNION ALL
SELECT workflow_id, goal_epoch, MIN(in_force_from)
FROM goalsql.workflow_versions AS version
ANTI JOIN goalsql.workflows AS current USING (workflow_id, goal_epoch)
WHERE goal_epoch IS NOT NULL
GROUP BY workflow_id, goal_epoch;
-- name: goalsql.conversions
-- Every goal completion, with what makes it count: met_goal and converted (SPEC 6).
CREATE OR REPLACE VIEW goalsql.conversions AS
WITH known AS (
  SELECT met.workflow_id, met.goal_epoch, met.contact_id, met.enrollment_no, met.met_at,
    met.observed_at, enrollment.enrolled_at,
    COALESCE(enrollment.end_reason = 'goal_met', FALSE) AS unenrolled_by_goal,
    receipt.first_receipt_at,
    met.goal_epoch = 1 OR epoch.epoch_from IS NULL OR met.met_at >= epoch.epoch_from AS met_goal
  FROM goalsql.goal_completions AS met
  JOIN goalsql.enrollments AS enrollment USING (workflow_id, contact_id, enrollment_no)
  LEFT JOIN goalsql.goal_epochs AS epoch
    ON epoch.workflow_id = met.workflow_id AND epoch.goal_epoch = met.goal_epoch
  LEFT JOIN goalsql.first_receipts AS receipt
    ON receipt.workflow_id = met.workflow_id AND receipt.contact_id = met.contact_id
)
SELECT known.*,
  COALESCE(met_goal AND met_at > first_receipt_at AND met_at >= enrolled_at, FALSE) AS converted
FROM known;
-- name: goalsql.contact_results
-- One row for each contact ever enrolled in a workflow: where it stands in the current epoch.
CREATE OR REPLACE VIEW goalsql.contact_results AS
WITH passage AS (
  SELECT e.workflow_id, e.contact_id, MIN(e.enrolled_at) AS first_enrolled_at,
    ARG_MAX(e.status, e.enrollment_no) AS status,
    COALESCE(BOOL_OR(e.end_reason = 'goal_met'), FALSE) AS unenrolled_by_goal,
    MIN(CASE
      WHEN workflow.goal_epoch IS NULL THEN NULL
      WHEN workflow.epoch_from IS NULL OR e.enrolled_at >= workflow.epoch_from
        OR e.status <> 'unenrolled' OR e.ended_tick >= workflow.epoch_tick
      THEN e.enrolled_at
    END) AS visible_from
  FROM goalsql.enrollments AS e
  JOIN goalsql.workflows AS workflow ON workflow.workflow_id = e.workflow_id
  GROUP BY e.workflow_id, e.contact_id
),
success AS (
  SELECT workflow_id, contact_id, MIN(CASE WHEN met_goal THEN met_at END) AS met_at,
    MIN(CASE WHEN converted THEN met_at END) AS converted_at
  FROM goalsql.conversions
  SEMI JOIN goalsql.workflows USING (workflow_id, goal_epoch)
  GROUP BY workflow_id, contact_id
)
SELECT passage.workflow_id, passage.contact_id, passage.first_enrolled_at, passage.status,
  passage.unenrolled_by_goal, receipt.first_receipt_at,
  CASE
    WHEN receipt.first_receipt_at >= passage.visible_from THEN receipt.first_receipt_at
    WHEN receipt.first_receipt_at < passage.visible_from THEN passage.visible_from
  END AS recipient_at,
  success.met_at, success.converted_at
FROM passage
LEFT JOIN goalsql.first_receipts AS receipt
  ON receipt.workflow_id = passage.workflow_id AND receipt.contact_id = passage.contact_id
LEFT JOIN success
  ON success.workflow_id = passage.workflow_id AND success.contact_id = passage.contact_id;
-- name: goalsql.rate_bars
-- What keeps a workflow from having a conversion rate, whatever its contacts do.
CREATE OR REPLACE VIEW goalsql.rate_bars AS
SELECT workflow_id,
  CASE
    WHEN goal_epoch IS NULL THEN 'no_goal'
    WHEN NOT sends_marketing_email THEN 'no_marketing_email'
    ELSE 'subscription'
  END AS reason
FROM goalsql.workflows
WHERE goal_epoch IS NULL OR NOT sends_marketing_email
  OR (SELECT marketing_hub FROM goalsql.project) IN ('none', 'starter');
{{ comments("goalsql.first_receipts",
  "When each contact first received a marketing email of each workflow, in whatever epoch.", {
  "workflow_id": "The workflow.",
  "contact_id": "The contact, whether or not it still exists.",
  "first_receipt_at": "Its first receipt from the workflow."}) }}
{{ comments("goalsql.goal_epochs", "The goal epochs of every workflow.", {
  "workflow_id": "The workflow.",
  "goal_epoch": "1 for the first goal, one more each time a goal was set again after it was removed.",
  "epoch_from": "When it began; NULL if the workflow had not been enabled yet."}) }}
{{ comments("goalsql.conversions", "Every goal completion, and whether it counts.", {
  "workflow_id": "The workflow.",
  "goal_epoch": "The goal epoch in which the goal was met.",
  "contact_id": "The contact.",
  "enrollment_no": "Which enrollment met the goal.",
  "met_at": "When it was met.",
  "observed_at": "The tick that found it.",
  "enrolled_at": "When that enrollment began.",
  "unenrolled_by_goal": "Whether that ended the enrollment.",
  "first_receipt_at": "The first receipt of the contact from the workflow.",
  "met_goal": "Whether it counts as met: after the first epoch, not before the epoch began.",
  "converted": "Whether it also came after the first receipt and not before the enrollment."}) }}
{{ comments("goalsql.contact_results",
  "One row for each contact ever enrolled in a workflow: where it stands in the current epoch.", {
  "workflow_id": "The workflow.",
  "contact_id": "The contact.",
  "first_enrolled_at": "When it was first enrolled.",
  "status": "The status of its latest enrollment.",
  "unenrolled_by_goal": "Whether any of its enrollments ended because the goal was met.",
  "first_receipt_at": "Its first receipt from the workflow.",
  "recipient_at": "Since when it has had a receipt and an enrollment that the goal could see.",
  "met_at": "When it first met the goal in the current epoch.",
  "converted_at": "When it first met the goal of the current epoch so that it converted."}) }}
{{ comments("goalsql.rate_bars", "Workflows that cannot have a conversion rate.", {
  "workflow_id": "The workflow.",
  "reason": "no_goal, no_marketing_email or subscription."}) }}
