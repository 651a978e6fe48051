{% from "macros/local_day.sql" import local_day %}
{% from "report/comments.jinja" import comments %}
-- name: report.cohorts
-- What became of the contacts first enrolled in a week, 1, 2, 4 and 8 weeks after. Counted by
-- quarter of an hour first, for the offsets of timezones are whole quarters, and telling the day is
-- slow.
CREATE OR REPLACE VIEW report.cohorts AS
WITH quarter AS (
  SELECT workflow_id, after_weeks,
    TIME_BUCKET(INTERVAL '15' MINUTE, first_enrolled_at) AS enrolled_at,
    MAX(first_enrolled_at) AS last_enrolled_at, COUNT(*) AS enrolled,
    COUNT(*) FILTER (WHERE recipient_at < first_enrolled_at + TO_WEEKS(after_weeks))
      AS recipients,
    COUNT(*) FILTER (WHERE converted_at < first_enrolled_at + TO_WEEKS(after_weeks))
      AS converted
  FROM goalsql.contact_results
  CROSS JOIN (VALUES (1), (2), (4), (8)) AS age(after_weeks)
  GROUP BY workflow_id, after_weeks, TIME_BUCKET(INTERVAL '15' MINUTE, first_enrolled_at)
),
dated AS (
  SELECT quarter.*, CAST(DATE_TRUNC('week', {{ local_day("enrolled_at") }}) AS DATE) AS week
  FROM quarter
),
counted AS (
  SELECT workflow_id, week, after_weeks, MAX(last_enrolled_at) AS last_enrolled_at,
    CAST(SUM(enrolled) AS BIGINT) AS enrolled, CAST(SUM(recipients) AS BIGINT) AS recipients,
    CAST(SUM(converted) AS BIGINT) AS converted
  FROM dated
  GROUP BY workflow_id, after_weeks, week
),
last_tick AS (
  SELECT tick_at, {{ local_day("tick_at") }} AS day
  FROM (SELECT MAX(tick_at) AS tick_at FROM goalsql.ticks) AS latest
),
aged AS (
  SELECT counted.*,
    last_tick.day < week + 7 OR last_enrolled_at + TO_WEEKS(after_weeks) > last_tick.tick_at
      AS open
  FROM counted
  CROSS JOIN last_tick
)
SELECT aged.workflow_id, aged.week, aged.after_weeks, aged.enrolled, aged.recipients,
  aged.converted,
  CASE WHEN bar.reason IS NULL AND NOT aged.open THEN aged.converted / NULLIF(aged.recipients, 0)
  END AS conversion_rate,
  aged.open
FROM aged
LEFT JOIN goalsql.rate_bars AS bar ON bar.workflow_id = aged.workflow_id
ORDER BY aged.workflow_id, aged.week, aged.after_weeks;
{{ comments("report.cohorts",
  "Four rows for each workflow and week in which contacts were first enrolled: what became of them 1, 2, 4 and 8 weeks after, each contact from its own first enrollment on, of the current goal epoch.", {
  "workflow_id": "The workflow.",
  "week": "The Monday of the week, in the timezone of the project.",
  "after_weeks": "How long after their first enrollment the contacts are looked at: 1, 2, 4 or 8 weeks.",
  "enrolled": "Contacts first enrolled in that week.",
  "recipients": "Those that had become recipients by then.",
  "converted": "Those that had converted by then.",
  "conversion_rate": "converted / recipients; NULL while open, without recipients, and where the workflow has no conversion_rate.",
  "open": "Whether some of them have not had that long yet at the last tick, so that the figures may still grow."}) }}
