"""Applications that we wrote to be compared with; each finds its PostgreSQL in `BENCH_DATABASE_URL`."""
