-- name: check.duplicates
-- Contacts that stand twice in the source.
SELECT contact_id, COUNT(*) AS times
FROM "source contacts"
WHERE contact_id IS NOT NULL
GROUP BY contact_id
HAVING COUNT(*) > 1
ORDER BY contact_id
LIMIT 5;
-- name: check.gone
-- Of the contacts that the previous tick left active, how many there were and how many are gone.
SELECT
  (SELECT COUNT(DISTINCT contact_id) FROM goalsql.enrollments WHERE status = 'active'),
  (SELECT COUNT(*) FROM gone);
