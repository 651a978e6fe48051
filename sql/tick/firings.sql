{% from "macros/lasting.sql" import lasting %}
-- name: firings.truth
-- Finds the truth intervals of the filter triggers, over all contacts.
INSERT INTO trigger_truth
WITH asked AS (
  SELECT DISTINCT root.node, root.root, root.positive
  FROM root
  JOIN filter_form USING (root)
),
base AS (
  SELECT asked.root, contact.contact_id, contact.created_at
  FROM asked
  CROSS JOIN contact
  WHERE NOT asked.positive
),
turned_of_triggers AS (
  SELECT node, contact_id, turned_at, holds
  FROM turn
  SEMI JOIN asked USING (node)
),
{{ lasting("turned_of_triggers", "contact_id", "base", False) }};
-- name: firings.filters
-- A filter trigger fires once for each truth interval that reaches into the window undecided. An
-- interval from before the trigger was edited fires as one of contacts that were there already.
INSERT INTO fired
WITH decided_before AS (
  SELECT decisions.workflow_id, contact_id, MAX(triggered_at) AS triggered_at,
    MAX(CASE WHEN tick_id >= trigger_tick THEN triggered_at END) AS triggered_at_since_edit,
    BOOL_OR(outcome = 'enrolled') AS was_enrolled
  FROM goalsql.decisions
  JOIN in_window ON in_window.workflow_id = decisions.workflow_id
{% if some %}
  SEMI JOIN contact ON contact.contact_id = decisions.contact_id
{% endif %}
  GROUP BY decisions.workflow_id, contact_id
)
SELECT in_window.workflow_id, held.contact_id, GREATEST(held.valid_from, in_window.starts_at),
  held.valid_from, NULL,
  in_window.re_enroll
    AND (in_window.re_enroll_from IS NULL OR held.valid_from > in_window.re_enroll_from)
FROM in_window
JOIN filter_form USING (workflow_id)
JOIN trigger_truth AS held USING (root)
LEFT JOIN decided_before AS last
  ON last.workflow_id = in_window.workflow_id AND last.contact_id = held.contact_id
WHERE in_window.enabled
  AND held.valid_to > in_window.starts_at
  AND (filter_form.enroll_existing OR held.valid_from >= in_window.active_from)
  AND CASE
    WHEN held.valid_from > in_window.trigger_from OR in_window.trigger_from IS NULL
    THEN last.triggered_at IS NULL OR last.triggered_at < held.valid_from
    ELSE filter_form.enroll_existing AND NOT COALESCE(last.was_enrolled, FALSE)
      AND (last.triggered_at_since_edit IS NULL OR last.triggered_at_since_edit < held.valid_from)
  END;
-- name: firings.new_events
-- Events of an event trigger that no earlier tick has seen.
CREATE OR REPLACE TEMPORARY TABLE new_event AS
SELECT DISTINCT event_form.workflow_id, event_form.form, event_form.event, match.event_id,
  match.contact_id, contact.created_at, match.occurred_at, event_form.also
FROM in_window
JOIN event_form USING (workflow_id)
JOIN match USING (matcher)
JOIN contact USING (contact_id)
ANTI JOIN goalsql.seen_events AS seen
  ON seen.workflow_id = event_form.workflow_id AND seen.event = event_form.event
    AND seen.event_id = match.event_id
WHERE match.occurred_at >= in_window.active_from;
-- name: firings.events
-- A new event fires when it occurred, or at the window's start if it came late.
INSERT INTO fired
SELECT new_event.workflow_id, contact_id,
  GREATEST(occurred_at, created_at, in_window.starts_at), occurred_at, also, in_window.re_enroll
FROM new_event
JOIN in_window USING (workflow_id)
WHERE in_window.enabled
  AND (in_window.trigger_from IS NULL OR occurred_at > in_window.trigger_from);
-- name: firings.manual
-- Contacts queued by `goalsql enroll` fire at the tick itself.
INSERT INTO fired
SELECT workflow_id, contact_id, $tick_at, $tick_at, NULL, in_window.re_enroll
FROM goalsql.enroll_queue
JOIN in_window USING (workflow_id)
SEMI JOIN contact USING (contact_id)
WHERE in_window.enabled;
-- name: firings.candidates
-- Whom goals, exits and arms can matter to: who fires now, and whose enrollment is still watched.
CREATE OR REPLACE TEMPORARY TABLE wanted AS
WITH candidate AS (
  SELECT workflow_id, contact_id FROM fired
  UNION
  SELECT workflow_id, contact_id FROM goalsql.enrollments
{% if some %}
  SEMI JOIN contact USING (contact_id)
{% endif %}
  WHERE status IN ('active', 'completed')
)
SELECT asked.root, contact.contact_id, contact.created_at
FROM candidate
JOIN in_window USING (workflow_id)
JOIN asked USING (workflow_id)
JOIN contact ON contact.contact_id = candidate.contact_id;
-- name: firings.needed
-- What must be known of them.
INSERT INTO need_found
SELECT DISTINCT root.node, wanted.contact_id
FROM wanted
JOIN root USING (root)
JOIN node USING (node)
WHERE NOT node.free;
