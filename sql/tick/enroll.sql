-- name: enroll.unknown
-- Named contacts that the source does not have.
SELECT named.contact_id
FROM named
LEFT JOIN "source contacts" AS c ON c.contact_id = named.contact_id
WHERE c.created_at IS NULL
ORDER BY named.contact_id;
-- name: enroll.queue
-- Queues those that are not waiting already.
INSERT INTO goalsql.enroll_queue
SELECT DISTINCT $workflow_id, named.contact_id
FROM named
ANTI JOIN goalsql.enroll_queue AS waiting
  ON waiting.workflow_id = $workflow_id
    AND waiting.contact_id = named.contact_id
RETURNING contact_id;
