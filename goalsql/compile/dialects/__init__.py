"""How a statement written for DuckDB is said to other engines: what travels, and what is mended."""
