CREATE TABLE person AS
WITH born AS (
    SELECT
        id.range AS contact_id,
        c.opens_us + floor(
            (c.closes_us - c.opens_us) * ((id.range - c.first_id) / (c.last_id - c.first_id + 1))
        )::BIGINT AS created_us,
        -- A shuffle within the cohort: who lives which story has nothing to do with the id.
        c.first_id - 1 + row_number() OVER (
            PARTITION BY c.first_id ORDER BY draw(id.range, 1), id.range
        ) AS place
    FROM cohort AS c, range(c.first_id, c.last_id + 1) AS id
),
cast_as AS (
    SELECT
        b.contact_id, b.created_us, s.story, s.first_stage, s.no_pricing, s.closes_us,
        greatest(s.opens_us, b.created_us + s.lead_in_us) AS earliest_us
    FROM born AS b
    ASOF JOIN story AS s ON b.place >= s.first_place
)
SELECT
    contact_id, created_us, story, first_stage, no_pricing,
    earliest_us + floor((closes_us - earliest_us) * draw(contact_id, 2))::BIGINT AS anchor_us,
    CASE
        WHEN draw(contact_id, 3) < 0.05 THEN NULL
        WHEN draw(contact_id, 3) < 0.25 THEN 50 + floor(400 * pow(draw(contact_id, 4), 2))
        ELSE 1 + floor(49 * pow(draw(contact_id, 4), 2))
    END::INTEGER AS employees
FROM cast_as
ORDER BY contact_id;

-- What happens to whom, within the year.
CREATE VIEW happening AS
WITH timed AS (
    SELECT
        p.contact_id, b.beat, b.kind, b.key, b.value, b.fate, b.engagement,
        -- The salt depends on the day alone: beats of the same day share their random part.
        p.anchor_us + b.day_us + floor(
            b.spread_us * draw(p.contact_id, 1000 + b.day_us // 60000000 + 525600)
        )::BIGINT AS happens_us
    FROM person AS p
    JOIN beat AS b ON b.story = p.story
    WHERE b.size = '' OR (b.size = 'large') = (coalesce(p.employees, 0) >= 50)
)
SELECT *, make_timestamp(happens_us) AS occurred_at
FROM timed
WHERE make_timestamp(happens_us) >= TIMESTAMP '2025-01-01'
    AND make_timestamp(happens_us) < TIMESTAMP '2026-01-01';

-- The property history: the first stage, then what the story brings.
CREATE VIEW property_change AS
SELECT
    contact_id, 'lifecycle_stage' AS property, first_stage AS value,
    make_timestamp(created_us) AS occurred_at
FROM person
UNION ALL
SELECT
    contact_id, key AS property,
    CASE
        -- A trial of 14 days, today among them, as the shop's calendar in Paris counts.
        WHEN key = 'trial_ends_on' THEN strftime(
            ((occurred_at AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Paris')::DATE + 13, '%Y-%m-%d'
        )
        ELSE value
    END AS value,
    occurred_at
FROM happening
WHERE kind = 'property';
