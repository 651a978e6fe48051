-- name: tables.made_match
-- Events that some rule asks for and no source has: they are made of state and of histories.
CREATE OR REPLACE TEMPORARY TABLE made_match (
  matcher INTEGER, contact_id {{ contact_id }}, occurred_at TIMESTAMP, event_id VARCHAR,
  event_key UBIGINT
);
-- name: tables.match
-- All events that some rule asks for, whatever it counts of them.
CREATE OR REPLACE TEMPORARY VIEW match AS
SELECT matcher, contact_id, occurred_at, event_id, event_key FROM made_match
{% if kept %}
UNION ALL
SELECT matcher, contact_id, occurred_at, event_id, event_key FROM {{ kept }}
{% endif %};
-- name: tables.need_found
-- Which nodes must be known of which contacts, as it is found out from the top down.
CREATE OR REPLACE TEMPORARY TABLE need_found (node INTEGER, contact_id {{ contact_id }});
-- name: tables.done
-- Which nodes are known of which contacts.
CREATE OR REPLACE TEMPORARY TABLE done (node INTEGER, contact_id {{ contact_id }});
-- name: tables.span
-- When a property leaf holds; spans of one leaf and contact may overlap or touch.
CREATE OR REPLACE TEMPORARY TABLE span (
  node INTEGER, contact_id {{ contact_id }}, valid_from TIMESTAMP, valid_to TIMESTAMP
);
-- name: tables.lone_span
-- When a leaf holds, where it is the leaf's only span for the contact.
CREATE OR REPLACE TEMPORARY TABLE lone_span (
  node INTEGER, contact_id {{ contact_id }}, valid_from TIMESTAMP, valid_to TIMESTAMP
);
-- name: tables.turn
-- The instants at which a node becomes true (holds) or false.
CREATE OR REPLACE TEMPORARY TABLE turn (
  node INTEGER, contact_id {{ contact_id }}, turned_at TIMESTAMP, holds BOOLEAN
);
-- name: tables.trigger_truth
-- Truth intervals of the filter triggers' criteria.
CREATE OR REPLACE TEMPORARY TABLE trigger_truth (
  root INTEGER, contact_id {{ contact_id }}, valid_from TIMESTAMP, valid_to TIMESTAMP
);
-- name: tables.truth
-- Truth intervals of goals, exits, arms and `also`, for the contacts that they can matter to.
CREATE OR REPLACE TEMPORARY TABLE truth (
  root INTEGER, contact_id {{ contact_id }}, valid_from TIMESTAMP, valid_to TIMESTAMP
);
-- name: tables.fired
-- Firings of single trigger forms, before `also`.
CREATE OR REPLACE TEMPORARY TABLE fired (
  workflow_id VARCHAR, contact_id {{ contact_id }}, decided_at TIMESTAMP, triggered_at TIMESTAMP,
  also INTEGER, re_enroll BOOLEAN
);
-- name: tables.new_decision
-- Decisions made by this tick.
CREATE OR REPLACE TEMPORARY TABLE new_decision (
  workflow_id VARCHAR, contact_id {{ contact_id }}, triggered_at TIMESTAMP, decided_at TIMESTAMP,
  outcome VARCHAR
);
-- name: tables.new_completion
-- Goal completions found by this tick.
CREATE OR REPLACE TEMPORARY TABLE new_completion (
  workflow_id VARCHAR, contact_id {{ contact_id }}, enrollment_no INTEGER, met_at TIMESTAMP
);
-- name: tables.ran
-- Steps that enrollments run, and would run: of those by which firings come to be, only some do.
CREATE OR REPLACE TEMPORARY TABLE ran (
  workflow_id VARCHAR, contact_id {{ contact_id }}, firing_no BIGINT, step_id VARCHAR,
  executed_at TIMESTAMP
);
-- name: tables.settled
-- Enrollments as this tick leaves them.
CREATE OR REPLACE TEMPORARY TABLE settled (
  workflow_id VARCHAR, contact_id {{ contact_id }}, firing_no BIGINT, enrollment_no INTEGER,
  triggered_at TIMESTAMP, enrolled_at TIMESTAMP, status VARCHAR, ended_at TIMESTAMP,
  end_reason VARCHAR, block INTEGER, place INTEGER, due_at TIMESTAMP, last_step VARCHAR,
  busy_to TIMESTAMP
);
-- name: tables.scoped_truth
-- Truth intervals of criteria that count since the enrollment, per enrollment.
CREATE OR REPLACE TEMPORARY TABLE scoped_truth (
  root INTEGER, contact_id {{ contact_id }}, since TIMESTAMP, valid_from TIMESTAMP,
  valid_to TIMESTAMP
);
