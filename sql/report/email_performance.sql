{% from "report/comments.jinja" import comments %}
-- name: report.email_performance
-- What became of every marketing email: who received, opened and clicked it, and which of the
-- conversions it may take credit for.
CREATE OR REPLACE VIEW report.email_performance AS
WITH sign AS (
  SELECT workflow_id, contact_id, email_id, 'received' AS what
  FROM goalsql.receipts
  UNION ALL
  SELECT workflow_id, contact_id, email_id, event
  FROM goalsql.email_responses
),
reaction AS (
  SELECT workflow_id, contact_id, email_id, COUNT(*) FILTER (WHERE what = 'received') AS receipts,
    BOOL_OR(what = 'opened') AS opened, BOOL_OR(what = 'clicked') AS clicked
  FROM sign
  GROUP BY workflow_id, contact_id, email_id
  HAVING receipts > 0
),
email AS (
  SELECT workflow_id, email_id, CAST(SUM(receipts) AS BIGINT) AS receipts,
    COUNT(*) AS recipients, COUNT(*) FILTER (WHERE opened) AS opened,
    COUNT(*) FILTER (WHERE clicked) AS clicked
  FROM reaction
  GROUP BY workflow_id, email_id
),
touch AS (
  SELECT result.workflow_id, result.contact_id, receipt.email_id,
    MIN(receipt.received_at) AS first_at, MAX(receipt.received_at) AS last_at
  FROM goalsql.contact_results AS result
  JOIN goalsql.receipts AS receipt
    ON receipt.workflow_id = result.workflow_id AND receipt.contact_id = result.contact_id
  WHERE receipt.received_at < result.converted_at
  GROUP BY result.workflow_id, result.contact_id, receipt.email_id
),
placed AS (
  SELECT workflow_id, email_id,
    ROW_NUMBER() OVER (PARTITION BY workflow_id, contact_id ORDER BY first_at, email_id)
      AS from_first,
    ROW_NUMBER() OVER (PARTITION BY workflow_id, contact_id ORDER BY last_at DESC, email_id)
      AS from_last
  FROM touch
),
credit AS (
  SELECT workflow_id, email_id, COUNT(*) FILTER (WHERE from_first = 1) AS first_touch,
    COUNT(*) FILTER (WHERE from_last = 1) AS last_touch, COUNT(*) AS any_touch
  FROM placed
  GROUP BY workflow_id, email_id
)
SELECT email.workflow_id, email.email_id, email.receipts, email.recipients, email.opened,
  email.clicked, COALESCE(credit.first_touch, 0) AS first_touch,
  COALESCE(credit.last_touch, 0) AS last_touch, COALESCE(credit.any_touch, 0) AS any_touch
FROM email
LEFT JOIN credit ON credit.workflow_id = email.workflow_id
  AND credit.email_id IS NOT DISTINCT FROM email.email_id
ORDER BY email.workflow_id, email.email_id;
{{ comments("report.email_performance",
  "One row for each marketing email of a workflow that has reached a contact. first_touch, last_touch and any_touch share out the converted contacts of the workflow, of the current goal epoch, over the emails that they received before they met the goal.", {
  "workflow_id": "The workflow.",
  "email_id": "The email.",
  "receipts": "How often it reached a contact.",
  "recipients": "Contacts that it reached.",
  "opened": "Those of them that opened it, as of the last tick; 0 where the project has no marketing_emails.",
  "clicked": "Those of them that clicked in it, as of the last tick; 0 where the project has no marketing_emails.",
  "first_touch": "Converted contacts whose first email from the workflow it was; over all emails they sum to converted. Of two at the same instant it is the one whose email_id sorts first.",
  "last_touch": "Converted contacts whose last email before the goal it was; over all emails they sum to converted. Of two at the same instant it is the one whose email_id sorts first.",
  "any_touch": "Contacts that converted after it, whatever other emails they received: a contact counts for each of its emails, so that the sum may exceed converted."}) }}
