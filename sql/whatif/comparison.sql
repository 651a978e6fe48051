-- name: whatif.metrics
-- The figures under both definitions, and how they differ.
SELECT 'today' AS definition, today_metrics.*
FROM today_metrics
UNION ALL
SELECT 'other', other_metrics.*
FROM other_metrics
UNION ALL
SELECT 'difference', NULL, b.enrolled - a.enrolled, b.active - a.active,
  b.completed - a.completed, b.unenrolled - a.unenrolled,
  b.unenrolled_by_goal - a.unenrolled_by_goal, b.recipients - a.recipients,
  b.met_goal - a.met_goal, b.converted - a.converted, b.conversion_rate - a.conversion_rate,
  b.conversion_rate_enrolled - a.conversion_rate_enrolled, NULL
FROM today_metrics AS a
CROSS JOIN other_metrics AS b;
-- name: whatif.funnel
-- The buckets under both definitions, and how they differ.
SELECT bucket, a.contacts AS today, b.contacts AS other, b.contacts - a.contacts AS difference
FROM today_funnel AS a
JOIN other_funnel AS b USING (bucket);
-- name: whatif.moves
-- How many contacts are in another bucket; NULL where a definition does not enrol them.
SELECT a.bucket AS from_bucket, b.bucket AS to_bucket, COUNT(*) AS contacts
FROM today_contact AS a
FULL JOIN other_contact AS b USING (contact_id)
WHERE a.bucket IS DISTINCT FROM b.bucket
GROUP BY a.bucket, b.bucket
ORDER BY contacts DESC, from_bucket, to_bucket;
