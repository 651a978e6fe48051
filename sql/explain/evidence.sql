-- name: explain.truth
-- What each node is at each of the moments, as such and for the enrollment, since when, and when it
-- last became true and false.
WITH either AS (
  SELECT FALSE AS scoped, node, turned_at, holds FROM turn
{% if scoped %}
  UNION ALL
  SELECT TRUE, node, turned_at, holds FROM scoped_turn
{% endif %}
)
SELECT moment.name, scoped, either.node, ARG_MAX(holds, turned_at), MAX(turned_at),
  MAX(CASE WHEN holds THEN turned_at END), MAX(CASE WHEN NOT holds THEN turned_at END)
FROM either
JOIN moment ON either.turned_at <= moment.instant
GROUP BY moment.name, scoped, either.node;
-- name: explain.events
-- Of the events that each leaf counts: how many, the n-th that it asks for, and the last. Of those
-- that stand in a window that moves, the n-th last instead: with it the leaf becomes false.
WITH counted AS (
  SELECT DISTINCT leaf.node, node.low, leaf.within, match.occurred_at, match.event_id
  FROM leaf
  JOIN node USING (node)
  JOIN match USING (matcher)
  WHERE (leaf.within IS NULL OR match.occurred_at > $tick_at - TO_MICROSECONDS(leaf.within))
    AND (leaf.kind <> 'scoped' OR match.occurred_at > (SELECT enrolled_at FROM moving))
),
numbered AS (
  SELECT node, low, within, occurred_at, event_id,
    ROW_NUMBER() OVER (PARTITION BY node ORDER BY occurred_at, event_id) AS number,
    COUNT(*) OVER (PARTITION BY node) AS events
  FROM counted
)
SELECT node, events, number, occurred_at, event_id
FROM numbered
WHERE number = events
  OR (number = low AND within IS NULL)
  OR (number = events - low + 1 AND within IS NOT NULL)
ORDER BY node, number;
-- name: explain.values
-- The last few values of each property.
WITH ordered AS (
  SELECT property, starts_at, ends_at, value,
    ROW_NUMBER() OVER (PARTITION BY property ORDER BY starts_at DESC, ends_at DESC) AS newest
  FROM valued
)
SELECT property, starts_at, value
FROM ordered
WHERE newest <= 5
ORDER BY property, newest DESC;
