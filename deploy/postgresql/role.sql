-- What Linkhold otherwise sets for each of its connections, and a pooler does not let it set:
-- run once in the database, as a superuser.
ALTER ROLE linkhold SET statement_timeout = '30s';
ALTER ROLE linkhold SET lock_timeout = '10s';
ALTER ROLE linkhold SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE linkhold SET timezone = 'UTC';
ALTER ROLE linkhold SET jit = off;
ALTER ROLE linkhold SET work_mem = '16MB';
ALTER ROLE linkhold SET random_page_cost = 1.1;
