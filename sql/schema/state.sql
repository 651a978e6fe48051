-- name: schema.goalsql
-- The schema of state.
CREATE SCHEMA IF NOT EXISTS goalsql;
-- name: schema.report
-- The schema of views for people.
CREATE SCHEMA IF NOT EXISTS report;
-- name: schema.project
-- What the project's file says of the project as a whole, as of the last tick; `rules` stands for
-- all that what was remembered of the sources depends on.
CREATE TABLE IF NOT EXISTS goalsql.project (
  name VARCHAR, timezone VARCHAR, marketing_hub VARCHAR, schema_version INTEGER, views VARCHAR,
  rules VARCHAR
);
-- name: schema.ticks
-- One row for each tick.
CREATE TABLE IF NOT EXISTS goalsql.ticks (
  tick_id INTEGER, tick_at TIMESTAMP, clock VARCHAR, mode VARCHAR, started_at TIMESTAMP,
  finished_at TIMESTAMP, new_events BIGINT, orphan_events BIGINT, bad_rows BIGINT,
  decisions BIGINT, enrolled BIGINT, unenrolled BIGINT, goal_completions BIGINT, steps_run BIGINT
);
-- name: schema.workflows
-- The workflows as last applied; active_from is fixed by the first tick that saw them enabled.
-- A goal epoch begins at epoch_from, with the tick epoch_tick. An edited trigger counts from
-- trigger_from, and first in the tick trigger_tick; re_enroll, where it was switched on later, from
-- re_enroll_from.
CREATE TABLE IF NOT EXISTS goalsql.workflows (
  workflow_id VARCHAR, workflow_name VARCHAR, goal_name VARCHAR, goal_epoch INTEGER,
  epoch_from TIMESTAMP, enabled BOOLEAN, sends_marketing_email BOOLEAN, active_from TIMESTAMP,
  epoch_tick INTEGER, trigger_from TIMESTAMP, trigger_tick INTEGER, re_enroll_from TIMESTAMP
);
-- name: schema.workflow_versions
-- Every version of every workflow.
CREATE TABLE IF NOT EXISTS goalsql.workflow_versions (
  workflow_id VARCHAR, version INTEGER, definition JSON, goal_epoch INTEGER,
  in_force_from TIMESTAMP, applied_at TIMESTAMP
);
-- name: schema.decisions
-- What was decided when a trigger fired.
CREATE TABLE IF NOT EXISTS goalsql.decisions (
  workflow_id VARCHAR, contact_id {{ contact_id }}, triggered_at TIMESTAMP,
  decided_at TIMESTAMP, outcome VARCHAR, tick_id INTEGER
);
-- name: schema.enrollments
-- Every passage of a contact through a workflow, as the last tick left it; last_step is the step
-- that it ran last, ended_tick the tick that ended it, tick_id the one that last changed it.
CREATE TABLE IF NOT EXISTS goalsql.enrollments (
  workflow_id VARCHAR, contact_id {{ contact_id }}, enrollment_no INTEGER,
  triggered_at TIMESTAMP, enrolled_at TIMESTAMP, status VARCHAR, ended_at TIMESTAMP,
  end_reason VARCHAR, next_step VARCHAR, due_at TIMESTAMP, last_step VARCHAR,
  ended_tick INTEGER, tick_id INTEGER
);
-- name: schema.goal_completions
-- Which enrollment met the goal, and when.
CREATE TABLE IF NOT EXISTS goalsql.goal_completions (
  workflow_id VARCHAR, goal_epoch INTEGER, contact_id {{ contact_id }}, enrollment_no INTEGER,
  met_at TIMESTAMP, observed_at TIMESTAMP, tick_id INTEGER
);
-- name: schema.receipts
-- Marketing emails that reached their contact; tick_id is the tick that first knew of it.
CREATE TABLE IF NOT EXISTS goalsql.receipts (
  workflow_id VARCHAR, contact_id {{ contact_id }}, email_id VARCHAR, received_at TIMESTAMP,
  event_id VARCHAR, tick_id INTEGER
);
-- name: schema.email_responses
-- When a contact first opened or clicked (event) a marketing email, of whatever workflow.
CREATE TABLE IF NOT EXISTS goalsql.email_responses (
  workflow_id VARCHAR, contact_id {{ contact_id }}, email_id VARCHAR, event VARCHAR,
  responded_at TIMESTAMP
);
-- name: schema.outbox
-- Steps that ran, for the systems that act on them.
CREATE TABLE IF NOT EXISTS goalsql.outbox (
  workflow_id VARCHAR, contact_id {{ contact_id }}, enrollment_no INTEGER, step_id VARCHAR,
  kind VARCHAR, payload JSON, executed_at TIMESTAMP, tick_id INTEGER
);
-- name: schema.seen_events
-- Events that an event trigger has seen.
CREATE TABLE IF NOT EXISTS goalsql.seen_events (
  workflow_id VARCHAR, event VARCHAR, event_id VARCHAR
);
-- name: schema.source_parts
-- The files that the sources were read from: a file that is not as it was is read again. A pending
-- one has rows that lie or were loaded after the last tick.
CREATE TABLE IF NOT EXISTS goalsql.source_parts (
  source VARCHAR, file VARCHAR, size BIGINT, modified BIGINT, inode UBIGINT, pending BOOLEAN
);
-- name: schema.seen_rows
-- Of event sources that are no files: how many rows the last tick had seen, and the sum of their
-- hashes. Where they are no longer the same, a row came late, is gone or is not what it was.
CREATE TABLE IF NOT EXISTS goalsql.seen_rows (source VARCHAR, "rows" BIGINT, hashes HUGEINT);
-- name: schema.remembered
-- What the last tick remembered, and for which rules: kind is 'workflow' (asked: its id, uses: a
-- digest of its rules), 'matcher' (asked of an event source, with its number; uses: what the events
-- are kept for), 'property' or 'segment' (asked: the name).
CREATE TABLE IF NOT EXISTS goalsql.remembered (
  kind VARCHAR, asked VARCHAR, matcher INTEGER, uses VARCHAR
);
-- name: schema.matches
-- The events that event leaves take, by the number of what is asked, as of the last tick.
CREATE TABLE IF NOT EXISTS goalsql.matches (
  matcher INTEGER, contact_id {{ contact_id }}, occurred_at TIMESTAMP, event_id VARCHAR,
  event_key UBIGINT
);
-- name: schema.changes
-- The rows of property_changes of properties that rules use; those after the last tick too.
CREATE TABLE IF NOT EXISTS goalsql.changes (
  property VARCHAR, contact_id {{ contact_id }}, occurred_at TIMESTAMP, value VARCHAR
);
-- name: schema.changed_properties
-- The properties that property_changes has rows of.
CREATE TABLE IF NOT EXISTS goalsql.changed_properties (property VARCHAR);
-- name: schema.members
-- The members of static segments with added_at; those added after the last tick too.
CREATE TABLE IF NOT EXISTS goalsql.members (
  segment VARCHAR, contact_id {{ contact_id }}, added_at TIMESTAMP
);
-- name: schema.known_contacts
-- The contacts that the last tick saw.
CREATE TABLE IF NOT EXISTS goalsql.known_contacts (
  contact_id {{ contact_id }}, created_at TIMESTAMP
);
-- name: schema.next_turns
-- The first instant after the last tick at which something becomes true or false of a contact,
-- though nothing new is known of it: an event is no longer recent, a date comes.
CREATE TABLE IF NOT EXISTS goalsql.next_turns (
  contact_id {{ contact_id }}, turns_at TIMESTAMP
);
-- name: schema.enroll_queue
-- Manual enrollments waiting for the next tick.
CREATE TABLE IF NOT EXISTS goalsql.enroll_queue (
  workflow_id VARCHAR, contact_id {{ contact_id }}
);
-- name: schema.source_rows
-- How many rows of each source the last tick saw.
CREATE TABLE IF NOT EXISTS goalsql.source_rows (
  source VARCHAR, seen_rows BIGINT, orphan_rows BIGINT, bad_rows BIGINT
);
-- name: schema.last_found
-- The values of contacts' columns as last found: a further column for each property that a rule
-- has used, {'value': ...}, NULL where no tick has found one.
CREATE TABLE IF NOT EXISTS goalsql.last_found (contact_id {{ contact_id }});
-- name: schema.observed_values
-- The value histories of properties that were seen to change: from created_at on (observed_from
-- NULL), then each value found to be another one.
CREATE TABLE IF NOT EXISTS goalsql.observed_values (
  property VARCHAR, contact_id {{ contact_id }}, observed_from TIMESTAMP, value VARCHAR
);
-- name: schema.observed_segments
-- Static segments without added_at whose members have been noted.
CREATE TABLE IF NOT EXISTS goalsql.observed_segments (segment VARCHAR);
-- name: schema.observed_members
-- Who was found in them, from when (NULL: from created_at on) to when (NULL: still).
CREATE TABLE IF NOT EXISTS goalsql.observed_members (
  segment VARCHAR, contact_id {{ contact_id }}, valid_from TIMESTAMP, valid_to TIMESTAMP
);
-- name: schema.forgotten
-- Whom `goalsql forget` has removed: a salted SHA-256 of the contact's id as text, never the id.
CREATE TABLE IF NOT EXISTS goalsql.forgotten (
  digest VARCHAR, salt VARCHAR, forgotten_at TIMESTAMP
);
