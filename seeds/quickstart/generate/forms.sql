-- One month: noise (never a form that a rule names) and the stories' own submissions.
COPY (
    WITH noise AS (
        SELECT
            k.range AS event_id,
            1 + floor(draw(k.range, 51) * $known)::BIGINT AS contact_id,
            $opens + floor(
                ($closes - $opens) * ((k.range - $first + draw(k.range, 52)) / ($beyond - $first))
            )::BIGINT AS us,
            pick(
                ['newsletter', 'newsletter', 'newsletter', 'contact', 'webinar', 'support'],
                draw(k.range, 53)
            ) AS form_id
        FROM range($first, $beyond) AS k
    ),
    submitted AS (
        SELECT contact_id, event_id, make_timestamp(us) AS occurred_at, form_id FROM noise
        UNION ALL
        SELECT contact_id, 1000000000000 + contact_id * 1000 + beat, occurred_at, key
        FROM happening
        WHERE kind = 'form' AND happens_us >= $opens AND happens_us < $closes
    )
    SELECT
        contact_id, event_id, occurred_at, form_id,
        CASE form_id
            WHEN 'demo' THEN '/pricing' WHEN 'newsletter' THEN '/' ELSE '/resources'
        END AS page
    FROM submitted
    ORDER BY occurred_at
) TO $path (FORMAT parquet, COMPRESSION zstd)
