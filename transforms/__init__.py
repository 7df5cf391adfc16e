"""Pure functions from bytes to observations: no Prefect, no Great Expectations, no DuckDB, no network."""
