-- One month: noise in the order of time, and the stories' own visits to the pricing pages.
COPY (
    WITH noise AS (
        SELECT
            k.range AS event_id,
            -- Every eighth contact makes half of the visits.
            CASE
                WHEN draw(k.range, 61) < 0.5
                    THEN 8 + 8 * floor(draw(k.range, 62) * ($known // 8))::BIGINT
                ELSE 1 + floor(draw(k.range, 62) * $known)::BIGINT
            END AS contact_id,
            $opens + floor(
                ($closes - $opens) * ((k.range - $first + draw(k.range, 63)) / ($beyond - $first))
            )::BIGINT AS us,
            draw(k.range, 64) AS chance
        FROM range($first, $beyond) AS k
    ),
    viewed AS (
        SELECT
            n.contact_id, n.event_id, make_timestamp(n.us) AS viewed_at, n.chance,
            CASE
                -- Nobody whom nurture looks at meets its goal by browsing.
                WHEN n.chance < 0.06 AND NOT p.no_pricing
                    THEN pick(['/pricing', '/pricing', '/pricing/chains'], n.chance / 0.06)
                ELSE pick(
                    ['/', '/', '/', '/features', '/features/stock', '/features/loyalty',
                     '/features/accounting', '/resources', '/resources/vat-guide',
                     '/resources/opening-a-shop', '/blog', '/blog/cash-or-card',
                     '/blog/stocktaking', '/blog/queues', '/customers', '/help', '/help/printer',
                     '/integrations', '/about', '/jobs'],
                    n.chance
                )
            END AS path
        FROM noise AS n
        JOIN person AS p USING (contact_id)
        UNION ALL
        SELECT
            contact_id, 1000000000000 + contact_id * 1000 + beat, occurred_at,
            draw(contact_id, 65), key
        FROM happening
        WHERE kind = 'view' AND happens_us >= $opens AND happens_us < $closes
    )
    SELECT
        contact_id, event_id, viewed_at, path,
        pick(['desktop', 'mobile', 'desktop', 'mobile', 'tablet'], chance * 7919 % 1) AS device
    FROM viewed
    ORDER BY viewed_at
) TO $path (FORMAT parquet, COMPRESSION zstd)
