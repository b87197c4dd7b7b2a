-- What failed logins lead to, at times that are given: the same in rows and in shared memory. The
-- regression tests run this without preload; a TAP test compares the two.

-- Counts attempts, one a second from a time on; tells which of them reached a limit.
CREATE FUNCTION pg_temp.fail(times integer, connection text, identifier text, ip inet, start timestamptz, stage text DEFAULT 'pre-login')
  RETURNS TABLE (attempt integer, limit_wc boolean, limit_mu boolean) LANGUAGE plpgsql AS $$
DECLARE
  f record;
BEGIN
  FOR i IN 1 .. times LOOP
    SELECT * INTO f FROM userdir._attempt_failed(connection, identifier, ip, stage, start + (i - 1) * interval '1 second');
    IF f.limit_wc OR f.limit_mu THEN
      RETURN QUERY SELECT i, f.limit_wc, f.limit_mu;
    END IF;
  END LOOP;
END $$;
CREATE FUNCTION pg_temp.allowed(connection text, identifier text, ip inet, moment timestamptz, stage text DEFAULT 'pre-login')
  RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN allowed THEN 'yes' ELSE 'no' END || coalesce(' (' || reason || ' until ' || (until AT TIME ZONE 'UTC')::text || ')', '')
    FROM userdir._attempt_allowed(connection, identifier, ip, stage, moment) $$;
SET timezone = 'UTC';
SELECT userdir.create_connection('customers', 'auth0') ->> 'name' AS name UNION ALL SELECT userdir.create_connection('staff', 'auth0', '{"requires_username": true}') ->> 'name';

-- Ten failures of one identifier from one address; the tenth reaches the limit, and only that.
SELECT * FROM pg_temp.fail(9, 'customers', 'ann@example.com', '192.0.2.1', '2030-01-01');
SELECT pg_temp.allowed('customers', 'ann@example.com', '192.0.2.1', '2030-01-01 00:01');
SELECT * FROM pg_temp.fail(1, 'customers', 'ann@example.com', '192.0.2.1', '2030-01-01 00:02');
SELECT * FROM pg_temp.fail(3, 'customers', 'ann@example.com', '192.0.2.1', '2030-01-01 00:03');
SELECT pg_temp.allowed('customers', 'ann@example.com', '192.0.2.1', '2030-01-01 00:04');
-- Upper case is no other identifier; another address, connection or identifier is.
SELECT pg_temp.allowed('customers', 'ANN@Example.com', '192.0.2.1', '2030-01-01 00:04') AS upper_case,
       pg_temp.allowed('customers', 'ann@example.com', '192.0.2.2', '2030-01-01 00:04') AS other_address,
       pg_temp.allowed('staff', 'ann@example.com', '192.0.2.1', '2030-01-01 00:04') AS other_connection,
       pg_temp.allowed('customers', 'bob@example.com', '192.0.2.1', '2030-01-01 00:04') AS other_identifier,
       pg_temp.allowed('customers', 'ann@example.com', NULL, '2030-01-01 00:04') AS no_address;
SELECT pg_temp.allowed('Customers', 'ann@example.com', '192.0.2.1', '2030-01-01 00:04') AS upper_case_connection;
-- What is glued together differently is no collision.
SELECT * FROM pg_temp.fail(10, 'customer', 'sx', '192.0.2.9', '2030-01-01');
SELECT pg_temp.allowed('customers', 'x', '192.0.2.9', '2030-01-01 00:01') AS shifted, pg_temp.allowed('customer', 'sx', '192.0.2.9', '2030-01-01 00:01') AS itself;

-- The block ends 30 days after the last failure, and then counting starts anew.
SELECT pg_temp.allowed('customers', 'ann@example.com', '192.0.2.1', '2030-01-31 00:03:01.999') AS before, pg_temp.allowed('customers', 'ann@example.com', '192.0.2.1', '2030-01-31 00:03:02') AS after;
SELECT * FROM pg_temp.fail(9, 'customers', 'ann@example.com', '192.0.2.1', '2030-02-01');
SELECT pg_temp.allowed('customers', 'ann@example.com', '192.0.2.1', '2030-02-01 00:01');

-- A right password forgets the failures before it, of this address.
SELECT * FROM pg_temp.fail(10, 'customers', 'cid', '192.0.2.1', '2030-03-01') UNION ALL SELECT * FROM pg_temp.fail(9, 'customers', 'cid', '192.0.2.2', '2030-03-01');
SELECT (userdir._attempt_succeeded('customers', 'cid', '192.0.2.2', '2030-03-01 00:01')).*;
SELECT * FROM pg_temp.fail(9, 'customers', 'cid', '192.0.2.2', '2030-03-01 00:02');
SELECT pg_temp.allowed('customers', 'cid', '192.0.2.1', '2030-03-01 00:03') AS other, pg_temp.allowed('customers', 'cid', '192.0.2.2', '2030-03-01 00:03') AS this;

-- A changed password forgets them all, of this connection.
SELECT * FROM pg_temp.fail(10, 'staff', 'cid', '192.0.2.1', '2030-03-01 00:04');
SELECT userdir._attempts_cleared('customers', '{cid,nobody}', '2030-03-01 00:05') AS cleared, userdir._attempts_cleared('customers', '{cid,nobody}', '2030-03-01 00:05') AS again, userdir._attempts_cleared('customers', NULL) AS none;
SELECT pg_temp.allowed('customers', 'cid', '192.0.2.1', '2030-03-01 00:06') AS this, pg_temp.allowed('staff', 'cid', '192.0.2.1', '2030-03-01 00:06') AS other_connection;

-- A larger max_attempts releases, a smaller one blocks who has as many failures.
SELECT * FROM pg_temp.fail(25, 'customers', 'dee', '192.0.2.30', '2030-04-01');
SELECT userdir.update_attack_protection('brute-force-protection', '{"max_attempts": 11}') ->> 'max_attempts' AS most;
SELECT pg_temp.allowed('customers', 'dee', '192.0.2.30', '2030-04-01 00:01');
SELECT * FROM pg_temp.fail(1, 'customers', 'dee', '192.0.2.30', '2030-04-01 00:02');
SELECT * FROM pg_temp.fail(3, 'customers', 'eve', '192.0.2.31', '2030-04-01');
SELECT userdir.update_attack_protection('brute-force-protection', '{"max_attempts": 3}') ->> 'max_attempts' AS most;
SELECT pg_temp.allowed('customers', 'eve', '192.0.2.31', '2030-04-01 00:01');
SELECT userdir.update_attack_protection('brute-force-protection', '{"max_attempts": 10}') ->> 'max_attempts' AS most;
SELECT pg_temp.allowed('customers', 'eve', '192.0.2.31', '2030-04-01 00:01');

-- Without the shield "block" attempts are counted and told of, but allowed. Switched off, they are not counted.
SELECT userdir.update_attack_protection('brute-force-protection', '{"shields": []}') -> 'shields' AS shields;
SELECT pg_temp.allowed('customers', 'cid', '192.0.2.1', '2030-03-01 00:06') AS fine, pg_temp.allowed('staff', 'cid', '192.0.2.1', '2030-03-01 00:06') AS watched;
SELECT userdir.update_attack_protection('brute-force-protection', '{"shields": ["block"], "enabled": false}') -> 'enabled' AS enabled;
SELECT pg_temp.allowed('staff', 'cid', '192.0.2.1', '2030-03-01 00:06');
SELECT * FROM pg_temp.fail(12, 'customers', 'fay', '192.0.2.32', '2030-03-02');
SELECT userdir.update_attack_protection('brute-force-protection', '{"enabled": true}') -> 'enabled' AS enabled;
SELECT pg_temp.allowed('customers', 'fay', '192.0.2.32', '2030-03-02 00:01') AS not_counted, pg_temp.allowed('staff', 'cid', '192.0.2.1', '2030-03-01 00:06') AS still_known;

-- Per identifier alone: the addresses do not matter.
SELECT userdir.update_attack_protection('brute-force-protection', '{"mode": "count_per_identifier"}') ->> 'mode' AS mode;
SELECT n, f.* FROM generate_series(1, 10) n, LATERAL pg_temp.fail(1, 'customers', 'gus', inet '198.51.100.0' + n, '2030-05-01') f;
SELECT pg_temp.allowed('customers', 'gus', '203.0.113.7', '2030-05-01 00:01') AS elsewhere, pg_temp.allowed('customers', 'gus', NULL, '2030-05-01 00:01') AS nowhere;
SELECT userdir._attempts_cleared('customers', '{gus}', '2030-05-01 00:02');
SELECT pg_temp.allowed('customers', 'gus', '203.0.113.7', '2030-05-01 00:03');
SELECT n, f.* FROM generate_series(1, 9) n, LATERAL pg_temp.fail(1, 'customers', 'gus', inet '198.51.100.0' + n, '2030-05-02') f;
SELECT (userdir._attempt_succeeded('customers', 'gus', '203.0.113.7', '2030-05-02 00:01')).*;
SELECT n, f.* FROM generate_series(1, 9) n, LATERAL pg_temp.fail(1, 'customers', 'gus', inet '198.51.100.0' + n, '2030-05-02 00:02') f;
SELECT userdir.update_attack_protection('brute-force-protection', '{"mode": "count_per_identifier_and_ip"}') ->> 'mode' AS mode;

-- An IPv6 address stands for its network of 64 bits; IPv4 in the clothes of IPv6 is IPv4.
SELECT n, f.* FROM generate_series(1, 10) n, LATERAL pg_temp.fail(1, 'customers', 'hal', inet '2001:db8:0:7::' + n * 1000000007::bigint, '2030-06-01') f;
SELECT pg_temp.allowed('customers', 'hal', '2001:db8:0:7:ffff:ffff:ffff:ffff', '2030-06-01 00:01') AS same_network, pg_temp.allowed('customers', 'hal', '2001:db8:0:7::1/10', '2030-06-01 00:01') AS with_a_mask,
       pg_temp.allowed('customers', 'hal', '2001:db8:0:8::1', '2030-06-01 00:01') AS next_network, pg_temp.allowed('customers', 'hal', '2001:db8:0:6:ffff::', '2030-06-01 00:01') AS network_before;
SELECT * FROM pg_temp.fail(10, 'customers', 'hal', '::ffff:192.0.2.77', '2030-06-01');
SELECT pg_temp.allowed('customers', 'hal', '192.0.2.77', '2030-06-01 00:01') AS ipv4, pg_temp.allowed('customers', 'hal', '::ffff:192.0.2.78', '2030-06-01 00:01') AS other_mapped, pg_temp.allowed('customers', 'hal', '192.0.2.77/8', '2030-06-01 00:01') AS with_a_mask;
SELECT a, userdir._attempt_address(a) FROM (VALUES ('192.0.2.1'::inet), ('192.0.2.1/8'), ('::ffff:192.0.2.1'), ('::ffff:192.0.2.1/100'), ('::ffff:255.255.255.255'), ('::fffe:ffff:ffff'), ('::1:0:0:0'), ('2001:db8::1'), ('::'), ('0.0.0.0'), ('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'), (NULL)) v (a);

-- An address over many users: a hundred failures, then one more every 864 seconds.
SELECT f.* FROM (SELECT n, u.limit_wc, u.limit_mu FROM generate_series(1, 105) n, LATERAL userdir._attempt_failed('customers', 'user' || n, '203.0.113.1', moment => '2030-07-01') u) f WHERE f.limit_wc OR f.limit_mu;
SELECT pg_temp.allowed('customers', 'zoe', '203.0.113.1', '2030-07-01') AS refused, pg_temp.allowed('customers', 'zoe', '203.0.113.2', '2030-07-01') AS other_address, pg_temp.allowed('customers', 'zoe', '203.0.113.1', '2030-07-01', 'pre-user-registration') AS sign_up;
SELECT pg_temp.allowed('customers', 'zoe', '203.0.113.1', '2030-07-01 00:14:23.999') AS before, pg_temp.allowed('customers', 'zoe', '203.0.113.1', '2030-07-01 00:14:24') AS granted;
SELECT n, u.limit_mu FROM generate_series(1, 2) n, LATERAL userdir._attempt_failed('customers', 'user' || n, '203.0.113.1', moment => '2030-07-01 00:14:24') u;
SELECT pg_temp.allowed('customers', 'zoe', '203.0.113.1', '2030-07-01 00:14:25') AS again;
-- After a day it has all of them again, not more.
SELECT f.* FROM (SELECT n, u.limit_mu FROM generate_series(1, 100) n, LATERAL userdir._attempt_failed('customers', 'user' || n, '203.0.113.1', moment => '2030-07-03') u) f WHERE f.limit_mu;
-- A right password of one user gives the address nothing back, and comes too late.
SELECT (userdir._attempt_succeeded('customers', 'user1', '203.0.113.1', '2030-07-03 00:00:01')).*;
SELECT pg_temp.allowed('customers', 'zoe', '203.0.113.1', '2030-07-03 00:00:02');
-- The identifier's block is told before the address's.
SELECT * FROM pg_temp.fail(10, 'customers', 'zoe', '203.0.113.1', '2030-07-03 00:00:03');
SELECT pg_temp.allowed('customers', 'zoe', '203.0.113.1', '2030-07-03 00:00:20');
-- An unknown address is not counted.
SELECT * FROM pg_temp.fail(120, 'customers', 'nowhere', NULL, '2030-07-03');

-- Sign-ups count apart: fifty, then one more every 1728 seconds.
SELECT * FROM pg_temp.fail(55, 'customers', 'new', '203.0.113.3', '2030-08-01', 'pre-user-registration');
SELECT pg_temp.allowed('customers', 'new', '203.0.113.3', '2030-08-01 00:01', 'pre-user-registration') AS sign_up, pg_temp.allowed('customers', 'new', '203.0.113.3', '2030-08-01 00:01') AS login;
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"stage": {"pre-user-registration": {"max_attempts": 60}}}') -> 'stage' AS stage;
SELECT pg_temp.allowed('customers', 'new', '203.0.113.3', '2030-08-01 00:01', 'pre-user-registration') AS released;
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"shields": ["admin_notification"], "stage": {"pre-user-registration": {"max_attempts": 50}}}') -> 'shields' AS shields;
SELECT pg_temp.allowed('customers', 'new', '203.0.113.3', '2030-08-01 00:01', 'pre-user-registration') AS watched;
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"shields": ["block"], "enabled": false}') -> 'enabled' AS enabled;
SELECT pg_temp.allowed('customers', 'new', '203.0.113.3', '2030-08-01 00:01', 'pre-user-registration') AS off;
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"enabled": true}') -> 'enabled' AS enabled;

-- Where identifiers are not guarded they are neither counted nor refused; addresses are.
SELECT bool_or(f.limit_wc) AS limit_wc, count(*) FILTER (WHERE f.limit_mu) AS limit_mu
  FROM generate_series(1, 105) n, LATERAL userdir._attempt_failed('customers', 'ned' || left(n::text, 0), '203.0.113.5', 'pre-login', '2030-08-02', guarded => false) f;
SELECT pg_temp.allowed('customers', 'ned', '203.0.113.5', '2030-08-02 00:01'), pg_temp.allowed('customers', 'ned', '203.0.113.6', '2030-08-02 00:01') AS other_address;
SELECT * FROM pg_temp.fail(10, 'customers', 'ned', '203.0.113.6', '2030-08-02 00:02');
SELECT guarded, a.allowed, a.reason, s.allowed AS allowed_at_the_end FROM (VALUES (true), (NULL), (false)) g (guarded),
       LATERAL userdir._attempt_allowed('customers', 'ned', '203.0.113.6', 'pre-login', '2030-08-02 00:03', guarded) a,
       LATERAL userdir._attempt_succeeded('customers', 'ned', '203.0.113.6', '2030-08-02 00:03', guarded) s;
SELECT options, userdir._guards_identifiers(options) FROM (VALUES ('{}'::jsonb), ('{"brute_force_protection": true}'), ('{"brute_force_protection": null}'), ('{"brute_force_protection": false}'), (NULL)) o (options);

-- Allow lists, each of its own protection.
SELECT userdir.update_attack_protection('brute-force-protection', '{"allowlist": ["198.18.0.0/15", "2001:db8:a::1", "::ffff:192.0.2.128/121"]}') -> 'allowlist' AS allowlist;
SELECT ip, bool_or(f.limit_wc) AS limit_wc, bool_or(f.limit_mu) AS limit_mu, pg_temp.allowed('customers', 'ivy', ip, '2030-09-01 00:04')
  FROM (VALUES ('198.18.0.1'::inet), ('198.19.255.255'), ('198.20.0.0'), ('::ffff:198.18.0.1'), ('2001:db8:a::1'), ('2001:db8:a::2'), ('192.0.2.129'), ('192.0.2.127')) a (ip)
  LEFT JOIN LATERAL pg_temp.fail(100, 'customers', 'ivy', ip, '2030-09-01') f ON true GROUP BY ip ORDER BY ip;
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"allowlist": ["198.18.0.1"]}') -> 'allowlist' AS allowlist;
SELECT pg_temp.allowed('customers', 'ivy', '198.18.0.1', '2030-09-01 00:04');
SELECT userdir.update_attack_protection('brute-force-protection', '{"allowlist": []}') ->> 'mode' AS mode, userdir.update_attack_protection('suspicious-ip-throttling', '{"allowlist": []}') -> 'enabled' AS enabled;

-- A clock that was set back grants nothing and takes nothing.
SELECT * FROM pg_temp.fail(9, 'customers', 'joe', '203.0.113.40', '2030-10-02');
SELECT * FROM pg_temp.fail(1, 'customers', 'joe', '203.0.113.40', '2030-10-01');
SELECT pg_temp.allowed('customers', 'joe', '203.0.113.40', '2030-09-30') AS earlier, pg_temp.allowed('customers', 'joe', '203.0.113.40', '2030-10-31') AS later, pg_temp.allowed('customers', 'joe', '203.0.113.40', '2030-11-01 00:00:08') AS at_the_end;
SELECT pg_temp.allowed('customers', 'joe', '203.0.113.40', 'infinity') AS at_infinity, pg_temp.allowed('customers', 'joe', '203.0.113.40', '-infinity') AS before_all;

-- What is shown of blocks, and taken away. Here the time is now.
SELECT userdir.create_user('customers', '{"user_id": "lee", "email": "lee@example.com"}') ->> 'user_id' AS user_id;
SELECT userdir.create_user('staff', '{"user_id": "mia", "email": "mia@example.com", "username": "mia"}') ->> 'user_id' AS user_id;
SELECT userdir.user_blocks('lee@example.com'), userdir.user_blocks_by_id('auth0|lee');
SELECT * FROM pg_temp.fail(10, 'customers', 'lee@example.com', '192.0.2.50', clock_timestamp()) UNION ALL SELECT * FROM pg_temp.fail(10, 'customers', 'lee@example.com', '2001:db8::5', clock_timestamp())
UNION ALL SELECT * FROM pg_temp.fail(9, 'customers', 'lee@example.com', '192.0.2.51', clock_timestamp()) UNION ALL SELECT * FROM pg_temp.fail(10, 'staff', 'lee@example.com', '192.0.2.50', clock_timestamp())
UNION ALL SELECT * FROM pg_temp.fail(10, 'staff', 'mia', '192.0.2.50', clock_timestamp()) UNION ALL SELECT * FROM pg_temp.fail(10, 'staff', 'mia@example.com', '192.0.2.50', clock_timestamp())
UNION ALL SELECT * FROM pg_temp.fail(10, 'staff', 'mia', NULL, clock_timestamp());
SELECT jsonb_pretty(userdir.user_blocks('LEE@example.com'));
SELECT jsonb_pretty(userdir.user_blocks_by_id('auth0|lee')) AS lee, jsonb_pretty(userdir.user_blocks_by_id('auth0|mia')) AS mia;
SELECT userdir.user_blocks('nobody@example.com') AS nobody, userdir.user_blocks(NULL) AS nothing;
-- Of an identifier of any length a login counts the first 1024 characters, and so they are found again.
SELECT count(*) FROM generate_series(1, 10) n, LATERAL userdir.login('customers', repeat('x', 1000000), 'guess ' || n, context => '{"ip": "192.0.2.52"}');
SELECT length(userdir.user_blocks(repeat('X', 1000000)) #>> '{blocked_for,0,identifier}') AS length, userdir.user_blocks(repeat('x', 1025)) #>> '{blocked_for,0,ip}' AS ip;
SELECT userdir.unblock_user(repeat('x', 1000000)) AS unblocked, userdir.unblock_user(repeat('x', 1024)) AS again;
SELECT userdir.update_attack_protection('brute-force-protection', '{"enabled": false}') -> 'enabled' AS enabled;
SELECT userdir.user_blocks('lee@example.com', consider_brute_force_enablement => true) AS considered, jsonb_array_length(userdir.user_blocks('lee@example.com') -> 'blocked_for') AS unconsidered;
SELECT userdir.update_attack_protection('brute-force-protection', '{"enabled": true}') -> 'enabled' AS enabled;
SELECT pg_temp.try($$SELECT userdir.user_blocks_by_id('auth0|nobody')$$);
SELECT pg_temp.try($$SELECT userdir.unblock_user_by_id('auth0|nobody')$$);

-- Unblocking never lifts an administrator's block.
SELECT userdir.update_user('auth0|lee', '{"blocked": true}') -> 'blocked' AS blocked;
SELECT userdir.unblock_user('LEE@example.com') AS lee, userdir.unblock_user('lee@example.com') AS again, userdir.unblock_user_by_id('auth0|mia') AS mia, userdir.unblock_user_by_id('auth0|mia') AS mia_again, userdir.unblock_user('nobody') AS nobody;
SELECT userdir.user_blocks('lee@example.com') AS lee, userdir.user_blocks_by_id('auth0|mia') AS mia, userdir.get_user('auth0|lee') -> 'blocked' AS blocked;
SELECT pg_temp.allowed('customers', 'lee@example.com', '192.0.2.50', clock_timestamp()) AS lee, pg_temp.allowed('staff', 'mia', '192.0.2.50', clock_timestamp()) AS mia;
-- All counts are gone, also those below the limit: nine more are allowed.
SELECT * FROM pg_temp.fail(9, 'customers', 'lee@example.com', '192.0.2.51', clock_timestamp());

-- Addresses.
SELECT userdir.ip_block('192.0.2.60') AS before, userdir.unblock_ip('192.0.2.60') AS nothing;
SELECT count(*) FROM generate_series(1, 101) n, LATERAL userdir._attempt_failed('customers', 'user' || n, '192.0.2.60') u WHERE u.limit_mu;
SELECT count(*) FROM generate_series(1, 51) n, LATERAL userdir._attempt_failed('customers', 'user' || n, '2001:db8::60', 'pre-user-registration') u WHERE u.limit_mu;
SELECT userdir.ip_block('192.0.2.60') AS login, userdir.ip_block('2001:db8::61') AS sign_up, userdir.ip_block('2001:db8:1::60') AS other;
-- Who is not refused is not blocked: what was counted does not matter then.
SELECT s.changes, userdir.update_attack_protection('suspicious-ip-throttling', s.changes) IS NOT NULL AS changed, userdir._ip_block('192.0.2.60') AS login, userdir._ip_block('2001:db8::61') AS sign_up
  FROM (VALUES ('{"enabled": false}'::jsonb), ('{"enabled": true, "shields": ["admin_notification"]}'), ('{"shields": ["block"], "allowlist": ["192.0.2.60"]}'), ('{"allowlist": [], "stage": {"pre-login": {"max_attempts": 101}}}'), ('{"stage": {"pre-login": {"max_attempts": 100}}}')) s (changes);
SELECT userdir.unblock_ip('::ffff:192.0.2.60') AS login, userdir.unblock_ip('2001:db8::62') AS sign_up, userdir.unblock_ip('192.0.2.60') AS again;
SELECT userdir.ip_block('192.0.2.60') AS login, userdir.ip_block('2001:db8::61') AS sign_up, userdir.ip_block(NULL) AS nothing;

-- Misuse.
SELECT pg_temp.try($$SELECT userdir._attempt_allowed('customers', 'x', '192.0.2.1', 'login')$$);
SELECT pg_temp.try($$SELECT userdir._attempt_failed('customers', 'x', '192.0.2.1', NULL)$$);
SELECT (userdir._attempt_failed(NULL, NULL, NULL, moment => '2030-01-01')).*;
SELECT (userdir._attempt_failed(repeat('c', 1000000), repeat('i', 1000000), '192.0.2.1', moment => '2030-01-01')).*;
