-- name: publish.attach
-- Attaches the file that becomes the copy.
ATTACH $path AS "published copy" (READ_WRITE);
-- name: publish.state
-- Makes room for the tables of state.
CREATE SCHEMA "published copy".goalsql;
-- name: publish.report
-- Makes room for the views for people.
CREATE SCHEMA "published copy".report;
{% for table in [
  "project", "ticks", "workflows", "workflow_versions", "decisions", "enrollments",
  "goal_completions", "receipts", "email_responses", "outbox",
] %}
-- name: publish.{{ table }}
-- Copies one of those that people or the views read; what only ticks remember stays behind.
CREATE TABLE "published copy".goalsql.{{ table }} AS FROM goalsql.{{ table }};
{% endfor %}
-- name: publish.enter
-- The views are made in the copy, and find its own tables.
USE "published copy";
