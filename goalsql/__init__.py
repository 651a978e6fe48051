"""goalsql: marketing workflows as rules, compiled to SQL, evaluated over time in DuckDB."""
