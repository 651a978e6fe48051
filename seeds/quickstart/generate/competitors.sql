COPY (
    SELECT contact_id, occurred_at AS added_at
    FROM happening
    WHERE kind = 'competitor'
    ORDER BY added_at, contact_id
) TO $path (FORMAT csv, HEADER)
