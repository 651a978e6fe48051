-- name: status.last_tick
-- What the last tick did.
SELECT tick_id, tick_at, clock, mode, started_at, finished_at, new_events, orphan_events, bad_rows,
  decisions, enrolled, unenrolled, goal_completions, steps_run
FROM goalsql.ticks
ORDER BY tick_id DESC
LIMIT 1;
-- name: status.waiting
-- The contacts that wait for the next tick to enroll them.
SELECT workflow_id, COUNT(*) FROM goalsql.enroll_queue GROUP BY workflow_id ORDER BY workflow_id;
-- name: status.rows
-- How many rows the tables of state have that can become large.
{% for table in [
  "decisions", "enrollments", "goal_completions", "receipts", "email_responses", "outbox", "matches",
  "changes", "members", "known_contacts", "seen_events", "observed_values", "last_found",
] %}
SELECT '{{ table }}', COUNT(*) FROM goalsql.{{ table }}
{{ "" if loop.last else "UNION ALL" }}
{% endfor %};
