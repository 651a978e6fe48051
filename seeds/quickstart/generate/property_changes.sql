COPY (
    SELECT contact_id, property, value, occurred_at
    FROM property_change
    ORDER BY occurred_at, contact_id, property
) TO $path (FORMAT parquet, COMPRESSION zstd)
