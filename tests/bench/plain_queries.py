"""The ten queries of the plain alternative: one for each kind of workflow in definitions.py.

A query is put together from parts that stand in the order of its CTEs, so that what all kinds say
alike is written once:

    people      the contacts with the right columns
    states      how long each value of a property lasted
    firing      spans [begins, ends) in which the trigger's criteria hold
    triggered   the first instant of such a span from active_from on; here `hello` would go out
    outcome     spans in which the goal is met (is_goal), or in which nobody is mailed (not is_goal)
    journey     for each contact whose trigger fired: was it mailed, and when was the goal met?

What varies between the workflows of a kind is a bound parameter; what all of them share is text.
"""

from __future__ import annotations

IN_COUNTRY = """
    people AS (
      SELECT contact_id, created_at FROM 'data/contacts.parquet' WHERE country = $country
    )"""
IN_TRADE = """
    people AS (
      SELECT contact_id, created_at, employees
      FROM 'data/contacts.parquet'
      WHERE country = $country AND industry = $industry
    )"""
STATES = """
    states AS (
      SELECT contact_id, property, value, occurred_at AS begins,
        LEAD(occurred_at, 1, TIMESTAMP 'infinity') OVER in_time AS ends,
        LAG(value) OVER in_time AS value_before
      FROM 'data/property_changes.parquet' SEMI JOIN people USING (contact_id)
      WHERE property IN ('lifecycle_stage', 'unsubscribed')
      WINDOW in_time AS (PARTITION BY contact_id, property ORDER BY occurred_at)
    )"""
TRIGGERED = """
    triggered AS (
      SELECT contact_id, MIN(GREATEST(begins, $active_from)) AS triggered_at
      FROM firing
      WHERE begins < ends AND begins <= $as_of AND ends > $active_from
      GROUP BY contact_id
    )"""
UNSUBSCRIBED = """
      UNION ALL
      SELECT contact_id, begins, ends, FALSE
      FROM states
      WHERE property = 'unsubscribed' AND value = 'true'
"""
COMPETITORS = """
      UNION ALL
      SELECT contact_id, added_at, TIMESTAMP 'infinity', FALSE FROM 'data/competitors.csv'
"""
JOURNEY = """
    journey AS (
      SELECT contact_id, triggered_at,
        NOT COALESCE(BOOL_OR(begins <= triggered_at AND ends > triggered_at), FALSE) AS mailed,
        MIN(begins) FILTER (is_goal AND begins > triggered_at AND begins <= $as_of) AS goal_at
      FROM triggered LEFT JOIN outcome USING (contact_id)
      GROUP BY contact_id, triggered_at
    )"""
RATE = """
    SELECT COUNT(*) AS triggered,
      COUNT(*) FILTER (mailed) AS recipients,
      COUNT(goal_at) FILTER (mailed) AS converted,
      COUNT(goal_at) FILTER (mailed) / NULLIF(COUNT(*) FILTER (mailed), 0) AS conversion_rate
    FROM journey
"""
ROWS = """
    SELECT $workflow, contact_id, triggered_at, mailed, goal_at FROM journey
"""

NURTURE = (
    IN_TRADE,
    STATES,
    """
    firing AS (SELECT contact_id, begins, ends FROM states WHERE value = 'lead')""",
    TRIGGERED,
    """
    pricing AS (
      SELECT contact_id, viewed_at, LAG(viewed_at, $views - 1) OVER in_time AS opened_at
      FROM 'data/page_views/*.parquet' SEMI JOIN triggered USING (contact_id)
      WHERE starts_with(path, '/pricing')
      WINDOW in_time AS (PARTITION BY contact_id ORDER BY viewed_at)
    ), outcome AS (
      SELECT contact_id, begins, ends, TRUE AS is_goal FROM states WHERE value = 'customer'
      UNION ALL
      SELECT contact_id, occurred_at, TIMESTAMP 'infinity', TRUE
      FROM 'data/forms/*.parquet' SEMI JOIN triggered USING (contact_id)
      WHERE form_id = 'demo'
      UNION ALL
      SELECT contact_id, viewed_at, opened_at + to_days(30), TRUE
      FROM pricing
      WHERE viewed_at < opened_at + to_days(30)
    """
    + UNSUBSCRIBED
    + COMPETITORS
    + ")",
    JOURNEY,
)
AFTER_FORM = (
    IN_COUNTRY,
    STATES,
    """
    submitted AS (
      SELECT contact_id, occurred_at
      FROM 'data/forms/*.parquet' SEMI JOIN people USING (contact_id)
      WHERE form_id = $form AND occurred_at >= $active_from
    ), customer AS (
      SELECT contact_id, begins, ends FROM states WHERE value = 'customer'
    ), firing AS (
      SELECT contact_id, occurred_at AS begins, TIMESTAMP 'infinity' AS ends
      FROM submitted AS s ANTI JOIN customer AS c
        ON s.contact_id = c.contact_id AND occurred_at >= c.begins AND occurred_at < c.ends
    )""",
    TRIGGERED,
    """
    outcome AS (
      SELECT contact_id, begins, ends, TRUE AS is_goal FROM customer
      UNION ALL
      SELECT contact_id, occurred_at, TIMESTAMP 'infinity', TRUE
      FROM 'data/product_events.parquet' SEMI JOIN triggered USING (contact_id)
      WHERE name = 'go_live'
    """
    + UNSUBSCRIBED
    + COMPETITORS
    + ")",
    JOURNEY,
)
BROWSING = (
    IN_TRADE,
    """
    viewed AS (
      SELECT contact_id, viewed_at, LAG(viewed_at, $views - 1) OVER in_time AS opened_at
      FROM 'data/page_views/*.parquet' SEMI JOIN people USING (contact_id)
      WHERE starts_with(path, $path)
      WINDOW in_time AS (PARTITION BY contact_id ORDER BY viewed_at)
    ), firing AS (
      SELECT contact_id, viewed_at AS begins, opened_at + to_days($days) AS ends FROM viewed
    )""",
    TRIGGERED,
    """
    outcome AS (
      SELECT contact_id, occurred_at AS begins, TIMESTAMP 'infinity' AS ends,
        TRUE AS is_goal
      FROM 'data/forms/*.parquet' SEMI JOIN triggered USING (contact_id)
      WHERE form_id = 'webinar'
    )""",
    JOURNEY,
)
LARGE = (
    IN_TRADE,
    STATES,
    """
    firing AS (
      SELECT contact_id, begins, ends
      FROM states JOIN people USING (contact_id)
      WHERE employees BETWEEN $low AND $high
        AND property = 'lifecycle_stage' AND value <> 'customer'
    )""",
    TRIGGERED,
    """
    outcome AS (
      SELECT contact_id, occurred_at AS begins, TIMESTAMP 'infinity' AS ends,
        TRUE AS is_goal
      FROM 'data/product_events.parquet' SEMI JOIN triggered USING (contact_id)
      WHERE name = 'go_live'
    )""",
    JOURNEY,
)
QUIET = (
    IN_COUNTRY,
    STATES,
    """
    closed AS (
      SELECT contact_id, occurred_at,
        LEAD(occurred_at, 1, TIMESTAMP 'infinity') OVER in_time AS next_at,
        LAG(occurred_at, 2) OVER in_time AS opened_at
      FROM 'data/product_events.parquet' SEMI JOIN people USING (contact_id)
      WHERE name = 'till_closed'
      WINDOW in_time AS (PARTITION BY contact_id ORDER BY occurred_at)
    ), quiet AS (
      SELECT contact_id, occurred_at + to_days($days) AS begins, next_at AS ends FROM closed
      UNION ALL
      SELECT contact_id, created_at, COALESCE(MIN(occurred_at), TIMESTAMP 'infinity')
      FROM people LEFT JOIN closed USING (contact_id)
      GROUP BY contact_id, created_at
    ), firing AS (
      SELECT contact_id, GREATEST(s.begins, q.begins) AS begins, LEAST(s.ends, q.ends) AS ends
      FROM states AS s JOIN quiet AS q USING (contact_id)
      WHERE s.value = 'customer'
    )""",
    TRIGGERED,
    """
    outcome AS (
      SELECT contact_id, GREATEST(s.begins, c.occurred_at) AS begins,
        LEAST(s.ends, c.opened_at + to_days(14)) AS ends, TRUE AS is_goal
      FROM states AS s
        JOIN closed AS c USING (contact_id)
        SEMI JOIN triggered USING (contact_id)
      WHERE s.property = 'lifecycle_stage' AND s.value <> 'churned'
        AND GREATEST(s.begins, c.occurred_at) < LEAST(s.ends, c.opened_at + to_days(14))
        AND c.occurred_at < c.opened_at + to_days(14)
    )""",
    JOURNEY,
)
READERS = (
    IN_TRADE,
    STATES,
    """
    reading AS (
      SELECT contact_id, viewed_at, ROW_NUMBER() OVER in_time AS number
      FROM 'data/page_views/*.parquet' SEMI JOIN people USING (contact_id)
      WHERE contains(path, $word)
      WINDOW in_time AS (PARTITION BY contact_id ORDER BY viewed_at)
    ), firing AS (
      SELECT contact_id, viewed_at AS begins, TIMESTAMP 'infinity' AS ends
      FROM reading
      WHERE number = $views
      UNION ALL
      SELECT contact_id, occurred_at, TIMESTAMP 'infinity'
      FROM 'data/forms/*.parquet' SEMI JOIN people USING (contact_id)
      WHERE form_id = 'whitepaper'
    )""",
    TRIGGERED,
    """
    outcome AS (
      SELECT contact_id, occurred_at AS begins, TIMESTAMP 'infinity' AS ends,
        TRUE AS is_goal
      FROM 'data/forms/*.parquet' SEMI JOIN triggered USING (contact_id)
      WHERE form_id IN ('demo', 'contact')
    """
    + UNSUBSCRIBED
    + ")",
    JOURNEY,
)
CLICKERS = (
    IN_TRADE,
    STATES,
    """
    clicked AS (
      SELECT contact_id, occurred_at, LAG(occurred_at, $clicks - 1) OVER in_time AS opened_at
      FROM 'data/email_events.parquet' SEMI JOIN people USING (contact_id)
      WHERE event IN ('clicked', 'opened')
      WINDOW in_time AS (PARTITION BY contact_id ORDER BY occurred_at)
    ), firing AS (
      SELECT contact_id, GREATEST(s.begins, c.occurred_at) AS begins,
        LEAST(s.ends, c.opened_at + to_days(90)) AS ends
      FROM clicked AS c JOIN states AS s USING (contact_id)
      WHERE s.property = 'lifecycle_stage' AND s.value <> 'customer'
        AND c.occurred_at < c.opened_at + to_days(90)
    )""",
    TRIGGERED,
    """
    outcome AS (
      SELECT contact_id, begins, ends, TRUE AS is_goal FROM states WHERE value = 'customer'
    )""",
    JOURNEY,
)
MOVERS = (
    IN_TRADE,
    STATES,
    """
    firing AS (
      SELECT contact_id, begins, begins + to_days($days) AS ends
      FROM states
      WHERE property = 'lifecycle_stage' AND value IS DISTINCT FROM value_before
    )""",
    TRIGGERED,
    """
    outcome AS (
      SELECT contact_id, begins, TIMESTAMP 'infinity' AS ends, TRUE AS is_goal
      FROM states
      WHERE value = 'customer'
    )""",
    JOURNEY,
)
TRIALS = (
    IN_COUNTRY,
    """
    trial AS (
      SELECT contact_id, occurred_at AS begins,
        LEAD(occurred_at, 1, TIMESTAMP 'infinity') OVER in_time AS ends,
        timezone('UTC', timezone($timezone, CAST(CAST(value AS DATE) AS TIMESTAMP))) AS over_at
      FROM 'data/property_changes.parquet' SEMI JOIN people USING (contact_id)
      WHERE property = 'trial_ends_on'
      WINDOW in_time AS (PARTITION BY contact_id ORDER BY occurred_at)
    ), firing AS (
      SELECT contact_id, GREATEST(begins, over_at - to_days($days)) AS begins,
        LEAST(ends, over_at) AS ends
      FROM trial
    )""",
    TRIGGERED,
    """
    outcome AS (
      SELECT contact_id, occurred_at AS begins, TIMESTAMP 'infinity' AS ends,
        TRUE AS is_goal
      FROM 'data/product_events.parquet' SEMI JOIN triggered USING (contact_id)
      WHERE name = 'colleague_invited' OR (name = 'catalogue_imported' AND items >= $items)
    )""",
    JOURNEY,
)
ABSENT = (
    IN_TRADE,
    STATES,
    """
    known AS (SELECT contact_id, created_at FROM people WHERE employees >= $low),
    signed_up AS (
      SELECT contact_id, MIN(occurred_at) AS occurred_at
      FROM 'data/forms/*.parquet' SEMI JOIN known USING (contact_id)
      WHERE form_id = 'newsletter'
      GROUP BY contact_id
    ), pricing AS (
      SELECT contact_id, viewed_at, LEAD(viewed_at, 1, TIMESTAMP 'infinity') OVER in_time AS next_at
      FROM 'data/page_views/*.parquet' SEMI JOIN known USING (contact_id)
      WHERE starts_with(path, '/pricing')
      WINDOW in_time AS (PARTITION BY contact_id ORDER BY viewed_at)
    ), away AS (
      SELECT contact_id, viewed_at + to_days(60) AS begins, next_at AS ends FROM pricing
      UNION ALL
      SELECT contact_id, created_at, COALESCE(MIN(viewed_at), TIMESTAMP 'infinity')
      FROM known LEFT JOIN pricing USING (contact_id)
      GROUP BY contact_id, created_at
    ), firing AS (
      SELECT contact_id, begins, LEAST(ends, occurred_at) AS ends
      FROM away LEFT JOIN signed_up USING (contact_id)
    )""",
    TRIGGERED,
    """
    outcome AS (
      SELECT contact_id, begins, ends, TRUE AS is_goal FROM states WHERE value = 'customer'
      UNION ALL
      SELECT contact_id, occurred_at, TIMESTAMP 'infinity', TRUE FROM signed_up
    )""",
    JOURNEY,
)
