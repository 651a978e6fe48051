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
SELECT COUNT(DISTINCT e.contact_id), COUNT(DISTINCT CASE WHEN c.contact_id IS NULL THEN e.contact_id END)
FROM goalsql.enrollments AS e
LEFT JOIN contact AS c ON c.contact_id = e.contact_id
WHERE e.status = 'active';
