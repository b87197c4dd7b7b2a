-- Inserts newcomers into a directory and notes what that took.
--
-- usage: psql -v set=lean -f test/bench/write_cost.sql   in a copy of a database that run_write made
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = pg_catalog, pg_temp;
SET session_replication_role = replica;

-- All is in memory, the catalogs are known and the plan is made: what remains is the writing.
SELECT count(*) FROM (SELECT public.pg_prewarm(c.oid) FROM pg_class c WHERE c.oid = 'bench.newcomers'::regclass OR c.oid = 'userdir.users'::regclass OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'userdir.users'::regclass)) p \g /dev/null
BEGIN;
INSERT INTO userdir.users SELECT * FROM bench.newcomers LIMIT 1;
ROLLBACK;

CREATE TEMP TABLE seen (plan json);
DO $$
DECLARE
  seen json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, WAL, FORMAT json, TIMING off) INSERT INTO userdir.users SELECT * FROM bench.newcomers' INTO seen;
  INSERT INTO seen VALUES (seen);
END $$;
\pset format unaligned
\pset tuples_only on
SELECT :'set', (plan -> 0 ->> 'Execution Time')::numeric / n, (plan -> 0 -> 'Plan' ->> 'WAL Bytes')::numeric / n, (plan -> 0 -> 'Plan' ->> 'WAL FPI')::numeric / n
  FROM seen, (SELECT count(*) AS n FROM bench.newcomers) c;
