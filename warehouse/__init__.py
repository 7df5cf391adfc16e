"""The tables: contracts, parquet lake, releases, SQL views, exports and diffs."""
