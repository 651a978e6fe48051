{% from "macros/local_day.sql" import local_day %}
{% from "report/comments.jinja" import comments %}
-- name: report.goal_trend
-- The figures day by day, from the first enrollment to the last tick. Counted by quarter of an hour
-- first, for the offsets of timezones are whole quarters, and telling the day is slow.
CREATE OR REPLACE VIEW report.goal_trend AS
WITH result AS (
  SELECT workflow_id, first_enrolled_at, recipient_at, met_at, converted_at
  FROM goalsql.contact_results
),
moment AS (
  SELECT workflow_id, 'enrolled' AS what, first_enrolled_at AS happened_at
  FROM result
  UNION ALL
  SELECT workflow_id, 'recipient', recipient_at
  FROM result
  WHERE recipient_at IS NOT NULL
  UNION ALL
  SELECT workflow_id, 'met_goal', met_at
  FROM result
  WHERE met_at IS NOT NULL
  UNION ALL
  SELECT workflow_id, 'converted', converted_at
  FROM result
  WHERE converted_at IS NOT NULL
  UNION ALL
  SELECT workflow_id, 'last_tick', (SELECT MAX(tick_at) FROM goalsql.ticks)
  FROM goalsql.workflows
),
quarter AS (
  SELECT workflow_id, what, TIME_BUCKET(INTERVAL '15' MINUTE, happened_at) AS happened_at,
    COUNT(*) AS contacts
  FROM moment
  GROUP BY workflow_id, what, TIME_BUCKET(INTERVAL '15' MINUTE, happened_at)
),
dated AS (
  SELECT workflow_id, what, contacts, {{ local_day("happened_at") }} AS day
  FROM quarter
),
counted AS (
  SELECT workflow_id, what, day, SUM(contacts) AS contacts
  FROM dated
  GROUP BY workflow_id, what, day
),
span AS (
  SELECT workflow_id, MIN(day) FILTER (WHERE what = 'enrolled') AS first_day,
    MAX(day) FILTER (WHERE what = 'last_tick') AS last_day
  FROM counted
  GROUP BY workflow_id
),
midnight AS (
  SELECT workflow_id, UNNEST(GENERATE_SERIES(
    CAST(first_day AS TIMESTAMP), CAST(last_day AS TIMESTAMP), INTERVAL '1' DAY
  )) AS starts_at
  FROM span
),
calendar AS (
  SELECT workflow_id, CAST(starts_at AS DATE) AS day
  FROM midnight
),
daily AS (
  SELECT counted.workflow_id, GREATEST(counted.day, span.first_day) AS day,
    SUM(contacts) FILTER (WHERE what = 'enrolled') AS enrolled,
    SUM(contacts) FILTER (WHERE what = 'recipient') AS new_recipients,
    SUM(contacts) FILTER (WHERE what = 'met_goal') AS met_goal,
    SUM(contacts) FILTER (WHERE what = 'converted') AS converted
  FROM counted
  JOIN span ON span.workflow_id = counted.workflow_id
  GROUP BY counted.workflow_id, GREATEST(counted.day, span.first_day)
),
filled AS (
  SELECT calendar.workflow_id, calendar.day,
    CAST(COALESCE(daily.enrolled, 0) AS BIGINT) AS enrolled,
    CAST(COALESCE(daily.new_recipients, 0) AS BIGINT) AS new_recipients,
    CAST(COALESCE(daily.met_goal, 0) AS BIGINT) AS met_goal,
    CAST(COALESCE(daily.converted, 0) AS BIGINT) AS converted
  FROM calendar
  LEFT JOIN daily ON daily.workflow_id = calendar.workflow_id AND daily.day = calendar.day
),
running AS (
  SELECT filled.*,
    CAST(SUM(new_recipients) OVER (PARTITION BY workflow_id ORDER BY day) AS BIGINT)
      AS cumulative_recipients,
    CAST(SUM(converted) OVER (PARTITION BY workflow_id ORDER BY day) AS BIGINT)
      AS cumulative_converted
  FROM filled
)
SELECT running.workflow_id, running.day, running.enrolled, running.new_recipients,
  running.met_goal, running.converted, running.cumulative_recipients,
  running.cumulative_converted,
  CASE
    WHEN bar.reason IS NULL
    THEN running.cumulative_converted / NULLIF(running.cumulative_recipients, 0)
  END AS cumulative_conversion_rate
FROM running
LEFT JOIN goalsql.rate_bars AS bar ON bar.workflow_id = running.workflow_id
ORDER BY running.workflow_id, running.day;
{{ comments("report.goal_trend",
  "One row for each workflow and day, from its first enrollment to the last tick, of the current goal epoch; each contact counts once in a column.", {
  "workflow_id": "The workflow.",
  "day": "The day in the timezone of the project.",
  "enrolled": "Contacts first enrolled on that day.",
  "new_recipients": "Contacts that became recipients on that day: by their first email, or by the enrollment if that came later.",
  "met_goal": "Contacts that first met the goal on that day; what was met before the first enrollment stands on the first day.",
  "converted": "Contacts that converted on that day, by met_at.",
  "cumulative_recipients": "Recipients up to and with that day.",
  "cumulative_converted": "Converted contacts up to and with that day.",
  "cumulative_conversion_rate": "cumulative_converted / cumulative_recipients; NULL before the first recipient and where the workflow has no conversion_rate."}) }}
