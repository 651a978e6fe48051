COPY (
    SELECT
        contact_id,
        contact_id * 1000 + beat AS event_id,
        occurred_at,
        key AS name,
        CASE WHEN key = 'catalogue_imported' THEN value::INTEGER END AS items,
        CASE WHEN key = 'support_ticket' THEN value END AS severity
    FROM happening
    WHERE kind = 'product'
    ORDER BY occurred_at, event_id
) TO $path (FORMAT parquet, COMPRESSION zstd)
