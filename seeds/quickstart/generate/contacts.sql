COPY (
    WITH latest AS (
        SELECT
            contact_id,
            arg_max(value, occurred_at) FILTER (property = 'lifecycle_stage') AS lifecycle_stage,
            arg_max(value, occurred_at) FILTER (property = 'unsubscribed') AS unsubscribed,
            arg_max(value, occurred_at) FILTER (property = 'nurtured') AS nurtured,
            arg_max(value, occurred_at) FILTER (property = 'trial_ends_on') AS trial_ends_on
        FROM property_change
        GROUP BY contact_id
    ),
    drawn AS (
        SELECT
            *,
            pick(
                ['bakery', 'bakery', 'florist', 'bookshop', 'cafe', 'cafe', 'butcher', 'toyshop',
                 'hairdresser', 'wine merchant'],
                draw(contact_id, 31)
            ) AS industry,
            pick(
                ['FR', 'FR', 'FR', 'FR', 'BE', 'CH', 'DE', 'ES', 'IT', 'IT'],
                draw(contact_id, 32)
            ) AS country
        FROM person
    )
    SELECT
        d.contact_id,
        make_timestamp(d.created_us) AS created_at,
        pick(
            ['Camille', 'Luca', 'Anna', 'Hugo', 'Ines', 'Jonas', 'Lea', 'Marta', 'Nora', 'Paul',
             'Sofia', 'Theo', 'Vera', 'Yann', 'Zoe', 'Emil'],
            draw(d.contact_id, 33)
        ) AS first_name,
        pick(
            ['Martin', 'Rossi', 'Weber', 'Garcia', 'Dubois', 'Keller', 'Moreau', 'Conti', 'Lopez',
             'Janssens', 'Favre', 'Petit', 'Ricci', 'Schmitt', 'Navarro', 'Leroy'],
            draw(d.contact_id, 34)
        ) || ' ' || d.industry AS company,
        d.country,
        CASE d.country
            WHEN 'DE' THEN 'de' WHEN 'ES' THEN 'es' WHEN 'IT' THEN 'it'
            WHEN 'CH' THEN pick(['de', 'de', 'fr', 'it'], draw(d.contact_id, 35))
            ELSE 'fr'
        END AS language,
        d.industry,
        d.employees,
        l.lifecycle_stage,
        coalesce(l.unsubscribed::BOOLEAN, false) AS unsubscribed,
        coalesce(l.nurtured::BOOLEAN, false) AS nurtured,
        l.trial_ends_on::DATE AS trial_ends_on
    FROM drawn AS d
    JOIN latest AS l USING (contact_id)
    ORDER BY d.contact_id
) TO $path (FORMAT parquet, COMPRESSION zstd)
