"""The gate to PostgreSQL: column types, the engine, and migrations. Knows no feature."""
