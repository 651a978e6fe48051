-- Sent a few seconds after the step ran, delivered within three minutes (slow: twelve hours later),
-- opened within a day by 40 %, clicked soon after by 8 %.
COPY (
    WITH sent AS (
        SELECT
            contact_id, beat, key AS workflow_id, value AS email_id, fate, engagement,
            contact_id * 1000 + beat AS mail,
            happens_us + 1000000 + floor(19000000 * draw(contact_id * 1000 + beat, 41))::BIGINT
                AS sent_us
        FROM happening
        WHERE kind = 'mail'
    ),
    delivered AS (
        SELECT
            *,
            sent_us + CASE WHEN fate = 'slow' THEN 43200000000 ELSE 0 END
            + 30000000 + floor(120000000 * draw(mail, 42))::BIGINT AS delivered_us
        FROM sent
        WHERE fate <> 'bounced'
    ),
    opened AS (
        SELECT
            *,
            delivered_us + 60000000 + floor(86400000000 * pow(draw(mail, 44), 3))::BIGINT
                AS opened_us
        FROM delivered
        WHERE engagement = 'click' OR draw(mail, 43) < 0.4
    ),
    clicked AS (
        SELECT *, opened_us + 2000000 + floor(300000000 * draw(mail, 46))::BIGINT AS clicked_us
        FROM opened
        WHERE engagement = 'click' OR (engagement = 'random' AND draw(mail, 45) < 0.2)
    ),
    reported AS (
        SELECT contact_id, beat, workflow_id, email_id, 'sent' AS event, sent_us AS us FROM sent
        UNION ALL
        SELECT contact_id, beat, workflow_id, email_id, 'bounced', sent_us + 5000000
        FROM sent
        WHERE fate = 'bounced'
        UNION ALL
        SELECT contact_id, beat, workflow_id, email_id, 'delivered', delivered_us FROM delivered
        UNION ALL
        SELECT contact_id, beat, workflow_id, email_id, 'opened', opened_us FROM opened
        UNION ALL
        SELECT contact_id, beat, workflow_id, email_id, 'clicked', clicked_us FROM clicked
        UNION ALL
        SELECT contact_id, beat, key, value, 'unsubscribed', happens_us
        FROM happening
        WHERE kind = 'unsubscribe'
    )
    SELECT
        contact_id,
        'em-' || contact_id || '-' || beat || '-' || event AS event_id,
        make_timestamp(us) AS occurred_at,
        workflow_id,
        email_id,
        event,
        CASE
            WHEN workflow_id = 'customer_handover' THEN 'transactional'
            ELSE 'marketing'
        END AS email_type
    FROM reported
    WHERE make_timestamp(us) < TIMESTAMP '2026-01-01'
    ORDER BY us, event_id
) TO $path (FORMAT parquet, COMPRESSION zstd)
