-- The log's partitions
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
CREATE FUNCTION pg_temp.partitions() RETURNS TABLE (partition text, bound text) LANGUAGE sql AS $$
  SELECT c.relname::text, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
   WHERE i.inhparent = 'userdir.logs'::regclass ORDER BY 1 $$;
SET TimeZone = 'UTC';
-- This month, the two that follow, and one for all others.
SELECT count(*), bool_and(to_regclass('userdir.' || userdir._log_partition_name((now() AT TIME ZONE 'UTC')::date)) IS NOT NULL) AS this_month FROM pg_temp.partitions();
SELECT userdir._log_partition_name('2026-11-30'), userdir._log_partition_name('2027-01-01'), userdir._log_partition_name('0099-01-01') AS early;
SELECT userdir.maintain_logs() AS nothing_to_do;
-- Months are those of UTC, whatever the session's zone is.
SET TimeZone = 'Pacific/Kiritimati';
INSERT INTO userdir.logs (date, log_id, type) VALUES
  ('2020-01-31 23:59:59.999Z', '1', 's'), ('2020-02-01 00:00:00Z', '2', 's'), ('2020-02-29 23:59:59.999Z', '3', 's'), ('2020-03-01 00:00:00Z', '4', 's');
SELECT count(*) FROM userdir.logs_other;
SELECT userdir._make_log_partitions('2020-02-29 23:00:00Z') ORDER BY 1;
SELECT tableoid::regclass, log_id FROM userdir.logs ORDER BY date;
SET TimeZone = 'UTC';
SELECT * FROM pg_temp.partitions() WHERE partition ~ '2020';
-- Nor does it matter how the session writes dates: here as "Sat 01 May 08:00:00 2021 CST", which is read as another zone.
BEGIN;
SET LOCAL TimeZone = 'Asia/Shanghai';
SET LOCAL DateStyle = 'Postgres, DMY';
SELECT userdir._add_log_partition('2021-05-01');
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL TimeZone = 'UTC';
SELECT * FROM pg_temp.partitions() WHERE partition ~ '2021';
SELECT obj_description('userdir.logs_2021_05'::regclass);
ROLLBACK;
-- The indexes are everywhere.
SELECT count(*) AS indexes FROM pg_index WHERE indrelid = 'userdir.logs_2020_02'::regclass;
-- Old ones go, whole months only.
SELECT pg_temp.try($$SELECT userdir.maintain_logs('23 hours')$$), pg_temp.try($$SELECT userdir.maintain_logs('-1 month')$$);
SELECT userdir._drop_log_partitions('2020-03-01 00:00:00Z');
SELECT tableoid::regclass, log_id FROM userdir.logs ORDER BY date;
SELECT userdir.maintain_logs('2 years');
SELECT count(*) FROM userdir.logs;
-- Somebody else's partition is left alone.
CREATE TABLE userdir.logs_before_1990 PARTITION OF userdir.logs FOR VALUES FROM (MINVALUE) TO ('1990-01-01');
SELECT userdir.maintain_logs('1 day');
SELECT to_regclass('userdir.logs_before_1990') IS NOT NULL AS kept;
-- Without partitions nothing is lost.
DO $$ DECLARE p text; BEGIN FOR p IN SELECT partition FROM pg_temp.partitions() WHERE partition ~ '^logs_2' LOOP EXECUTE 'DROP TABLE userdir.' || p; END LOOP; END $$;
SELECT userdir.create_connection('shop', 'auth0') IS NOT NULL AS created;
SELECT outcome FROM userdir.login('shop', 'nobody', 'x');
SELECT tableoid::regclass, type FROM userdir.logs;
SELECT cardinality(userdir.maintain_logs());
SELECT tableoid::regclass = to_regclass('userdir.' || userdir._log_partition_name((now() AT TIME ZONE 'UTC')::date)) AS moved, type FROM userdir.logs;
-- By the query that an administrator asks most.
SET enable_seqscan = off;
EXPLAIN (COSTS off) SELECT * FROM userdir.logs_other WHERE user_id = 'auth0|1' ORDER BY date DESC LIMIT 10;
EXPLAIN (COSTS off) SELECT * FROM userdir.logs_other WHERE type = 'fp' AND date > now() - interval '1 day';
