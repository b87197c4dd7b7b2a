-- Failed logins in rows
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SELECT userdir._attempts_shared();
\set attempts :abs_srcdir '/t/attempts.sql'
\i :attempts

-- In rows, a ROLLBACK takes them along.
BEGIN;
SELECT count(*) FROM generate_series(1, 10) n, LATERAL userdir._attempt_failed('customers', 'ned' || left(n::text, 0), '192.0.2.70') f WHERE f.limit_wc;
ROLLBACK;
SELECT userdir.user_blocks('ned');
-- Within one statement every attempt counts.
SELECT count(*) FILTER (WHERE f.limit_wc) FROM generate_series(1, 10) n, LATERAL userdir._attempt_failed('customers', 'ned' || left(n::text, 0), '192.0.2.70') f;

-- Rows that count no more are purged, no others.
SELECT a.who IS NOT NULL AS counts, count(*) > 0 AS some FROM userdir.login_attempts a WHERE a.expires_at > clock_timestamp() GROUP BY 1;
DELETE FROM userdir.login_attempts;
SELECT count(*) FROM generate_series(1, 3) n, LATERAL userdir._attempt_failed('customers', 'old' || n, '192.0.2.71', moment => clock_timestamp() - interval '31 days') f;
SELECT count(*) FROM generate_series(1, 2) n, LATERAL userdir._attempt_failed('customers', 'new' || n, NULL) f;
SELECT mode, capacity, used, estimated, bytes > 0 AS bytes FROM userdir.attempts_status();
SELECT userdir.purge_attempts(), userdir.purge_attempts() AS again;
SELECT kind, address, level FROM userdir.login_attempts ORDER BY 1, 2, 3;

-- The functions of shared memory say that there is none.
SELECT pg_temp.try($$SELECT userdir._shared_attempts_forget_all('\x00112233445566778899aabbccddeeff', now())$$);
SELECT pg_temp.try($$SELECT userdir._shared_attempts_list('{}')$$);
SELECT userdir._shared_attempts_status(now()) IS NULL AS no_status;
