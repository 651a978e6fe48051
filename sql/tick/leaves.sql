-- name: need.settle
-- Each node and contact that must be known and is not known yet, once.
CREATE OR REPLACE TEMPORARY TABLE need AS
SELECT DISTINCT node, contact_id
FROM need_found
{% if not free %}
ANTI JOIN done USING (node, contact_id)
{% endif %};
-- name: need.done
-- They will be known after this.
INSERT INTO done
SELECT node, contact_id FROM need;
-- name: need.clear
-- Nothing else is asked for so far.
DELETE FROM need_found;
-- name: leaves.events
-- The events of each event leaf, for the contacts that need it.
CREATE OR REPLACE TEMPORARY TABLE found AS
SELECT leaf.node, match.contact_id, contact.created_at, match.occurred_at, match.event_key
FROM need
JOIN leaf USING (node)
JOIN match ON match.matcher = leaf.matcher AND match.contact_id = need.contact_id
JOIN contact ON contact.contact_id = need.contact_id
WHERE leaf.kind IN ('first', 'count')
{% if free %}
UNION ALL
SELECT leaf.node, match.contact_id, contact.created_at, match.occurred_at, match.event_key
FROM match
JOIN leaf USING (matcher)
JOIN node USING (node)
JOIN contact USING (contact_id)
WHERE node.free AND leaf.kind IN ('first', 'count')
{% endif %};
-- name: leaves.lone_turns
-- A leaf with one span turns true where it starts and false where it ends. An event leaf that one
-- event makes true for ever starts at the first of them.
INSERT INTO turn
WITH lone AS (
  SELECT node, contact_id, GREATEST(MIN(occurred_at), created_at) AS valid_from,
    TIMESTAMP '9999-12-31' AS valid_to
  FROM found
  JOIN leaf USING (node)
  WHERE leaf.kind = 'first'
  GROUP BY node, contact_id, created_at
  UNION ALL
  SELECT node, contact_id, valid_from, valid_to
  FROM lone_span
  SEMI JOIN need USING (node, contact_id)
{% if free %}
  UNION ALL
  SELECT node, contact_id, valid_from, valid_to
  FROM lone_span
  JOIN node USING (node)
  WHERE node.free
{% endif %}
)
SELECT node, contact_id, valid_from, TRUE
FROM lone
WHERE valid_from < valid_to
UNION ALL
SELECT node, contact_id, valid_to, FALSE
FROM lone
WHERE valid_from < valid_to AND valid_to < TIMESTAMP '9999-12-31';
-- name: leaves.span_turns
-- At least n events within D hold from an event on until the n-th last one is D old. Spans that
-- touch are joined: of one leaf and contact, those that start later never end sooner.
INSERT INTO turn
WITH frequent AS (
  SELECT node, contact_id
  FROM found
  JOIN leaf USING (node)
  JOIN node USING (node)
  WHERE leaf.kind = 'count' AND node.low > 1
  GROUP BY node, contact_id, node.low
  HAVING COUNT(*) >= node.low
),
counted AS (
  SELECT DISTINCT node, contact_id, created_at, occurred_at, event_key
  FROM found
  JOIN frequent USING (node, contact_id)
),
numbered AS (
  SELECT node, contact_id, created_at, occurred_at,
    ROW_NUMBER() OVER (PARTITION BY node, contact_id ORDER BY occurred_at) AS number
  FROM counted
),
paired AS (
  SELECT numbered.node, numbered.contact_id, numbered.created_at, numbered.occurred_at,
    earlier.occurred_at AS first_at
  FROM numbered
  JOIN node ON node.node = numbered.node
  JOIN numbered AS earlier
    ON earlier.node = numbered.node AND earlier.contact_id = numbered.contact_id
      AND earlier.number = numbered.number - node.low + 1
  UNION ALL
  SELECT node, contact_id, created_at, occurred_at, occurred_at
  FROM found
  JOIN node USING (node)
  WHERE node.low = 1
),
spans AS (
  SELECT node, contact_id, GREATEST(occurred_at, created_at) AS valid_from,
    CASE
      WHEN leaf.within IS NULL THEN TIMESTAMP '9999-12-31'
      ELSE first_at + TO_MICROSECONDS(leaf.within)
    END AS valid_to
  FROM paired
  JOIN leaf USING (node)
  WHERE leaf.kind = 'count'
{% if free %}
  UNION ALL
  SELECT node, contact_id, valid_from, valid_to
  FROM span
{% endif %}
),
neighbours AS (
  SELECT node, contact_id, valid_from, valid_to,
    LAG(valid_to) OVER (PARTITION BY node, contact_id ORDER BY valid_from, valid_to) AS last_to,
    LEAD(valid_from) OVER (PARTITION BY node, contact_id ORDER BY valid_from, valid_to)
      AS next_from
  FROM spans
  WHERE valid_from < valid_to
)
SELECT node, contact_id, valid_from, TRUE
FROM neighbours
WHERE last_to IS NULL OR last_to < valid_from
UNION ALL
SELECT node, contact_id, valid_to, FALSE
FROM neighbours
WHERE (next_from IS NULL OR next_from > valid_to) AND valid_to < TIMESTAMP '9999-12-31';
-- name: leaves.later
-- Notes when a contact has to be looked at again, though nothing may come to be known of it.
INSERT INTO later
SELECT contact_id, MIN(turned_at)
FROM turn
WHERE turned_at > $tick_at
GROUP BY contact_id;
-- name: leaves.by_tick
-- What turns after the tick does not count yet.
DELETE FROM turn
WHERE turned_at > $tick_at;
