-- Settings of the protection against guessing
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SELECT jsonb_pretty(userdir.get_attack_protection('brute-force-protection'));
SELECT jsonb_pretty(userdir.get_attack_protection('suspicious-ip-throttling'));
SELECT length(salt) AS salt FROM userdir.attack_protection;
SELECT userdir.get_attack_protection(NULL);

-- What is given replaces; a stage keeps what is not given.
SELECT userdir.update_attack_protection('brute-force-protection', '{"max_attempts": 1, "allowlist": ["192.0.2.1", "2001:db8::/32"]}');
SELECT userdir.update_attack_protection('brute-force-protection', '{"max_attempts": 100, "mode": "count_per_identifier", "shields": []}');
SELECT userdir.update_attack_protection('brute-force-protection', '{}') = userdir.get_attack_protection('brute-force-protection') AS unchanged;
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"stage": {"pre-login": {"rate": 1000}}}') -> 'stage' AS stage;
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"stage": {"pre-login": {"max_attempts": 2500}, "pre-user-registration": {"max_attempts": 72000, "rate": 86400000}}}') -> 'stage' AS stage;
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"stage": {}}') -> 'stage' AS stage;

-- What they may not be.
SELECT feature, changes, pg_temp.try(format('SELECT userdir.update_attack_protection(%L, %L)', feature, changes))
  FROM (VALUES ('brute-force', '{}'), (NULL, '{}'), ('brute-force-protection', NULL), ('brute-force-protection', '[]'), ('brute-force-protection', '"x"'),
               ('brute-force-protection', '{"max_attempts": 0}'), ('brute-force-protection', '{"max_attempts": 101}'), ('brute-force-protection', '{"max_attempts": 1.5}'), ('brute-force-protection', '{"max_attempts": "10"}'), ('brute-force-protection', '{"max_attempts": null}'), ('brute-force-protection', '{"max_attempts": 1e400}'),
               ('brute-force-protection', '{"enabled": "yes"}'), ('brute-force-protection', '{"enabled": null}'),
               ('brute-force-protection', '{"mode": "count"}'), ('brute-force-protection', '{"mode": null}'), ('brute-force-protection', '{"mode": ["count_per_identifier"]}'),
               ('brute-force-protection', '{"shields": "block"}'), ('brute-force-protection', '{"shields": ["admin_notification"]}'), ('brute-force-protection', '{"shields": [1]}'), ('brute-force-protection', '{"shields": [null]}'),
               ('brute-force-protection', '{"stage": {}}'), ('brute-force-protection', '{"maximum": 1}'),
               ('brute-force-protection', '{"allowlist": ["192.0.2.256"]}'), ('brute-force-protection', '{"allowlist": ["example.com"]}'), ('brute-force-protection', '{"allowlist": [""]}'), ('brute-force-protection', '{"allowlist": ["192.0.2.0/33"]}'), ('brute-force-protection', '{"allowlist": {"192.0.2.1": true}}'), ('brute-force-protection', '{"allowlist": [["192.0.2.1"]]}'), ('brute-force-protection', '{"allowlist": null}'),
               ('suspicious-ip-throttling', '{"max_attempts": 5}'), ('suspicious-ip-throttling', '{"mode": "count_per_identifier"}'), ('suspicious-ip-throttling', '{"shields": ["user_notification"]}'),
               ('suspicious-ip-throttling', '{"stage": []}'), ('suspicious-ip-throttling', '{"stage": {"login": {}}}'), ('suspicious-ip-throttling', '{"stage": {"pre-login": 5}}'), ('suspicious-ip-throttling', '{"stage": {"pre-login": {"burst": 5}}}'),
               ('suspicious-ip-throttling', '{"stage": {"pre-login": {"max_attempts": 2501}}}'), ('suspicious-ip-throttling', '{"stage": {"pre-login": {"max_attempts": 0}}}'), ('suspicious-ip-throttling', '{"stage": {"pre-login": {"rate": 0}}}'), ('suspicious-ip-throttling', '{"stage": {"pre-user-registration": {"max_attempts": 72001}}}'), ('suspicious-ip-throttling', '{"stage": {"pre-user-registration": {"rate": 86400001}}}'), ('suspicious-ip-throttling', '{"stage": {"pre-user-registration": {"rate": null}}}')) v (feature, changes);
SELECT pg_temp.try($$SELECT userdir.get_attack_protection('none')$$);

-- A hundred entries, no more.
SELECT jsonb_array_length(userdir.update_attack_protection('suspicious-ip-throttling', jsonb_build_object('allowlist', (SELECT jsonb_agg(host(inet '192.0.2.0' + n)) FROM generate_series(1, 100) n))) -> 'allowlist');
SELECT pg_temp.try(format('SELECT userdir.update_attack_protection(%L, %L)', 'suspicious-ip-throttling', jsonb_build_object('allowlist', (SELECT jsonb_agg(host(inet '192.0.2.0' + n)) FROM generate_series(1, 101) n))));
-- Nothing of all that was stored.
SELECT userdir.get_attack_protection('brute-force-protection');

-- Settings that somebody has written past the function: an error, whatever they are.
BEGIN;
SELECT left(damage::text, 40) AS damage, pg_temp.try(format('UPDATE userdir.attack_protection SET brute_force_protection = brute_force_protection || %L; SELECT userdir._attempt_allowed(%L, %L, %L)', damage, 'c', 'ann', '192.0.2.1'))
  FROM (VALUES ('{"allowlist": [1]}'::jsonb), ('{"allowlist": [null]}'), ('{"allowlist": [true]}'), ('{"allowlist": [["192.0.2.1"]]}'), ('{"allowlist": [{}]}'), ('{"allowlist": ["x"]}'), ('{"allowlist": {"192.0.2.1": 1}}'), ('{"allowlist": "192.0.2.1"}'), ('{"allowlist": null}'),
               ('{"enabled": 1}'), ('{"shields": {"block": 1}}'), ('{"shields": "block"}'), ('{"max_attempts": "10"}'), ('{"mode": null}'), ('[]'), ('{"mode": "x", "shields": []}')) d (damage);
ROLLBACK;

-- Who may do what.
SET client_min_messages = warning;
DROP ROLE IF EXISTS ud_guard_reader, ud_guard_editor, ud_guard_login, ud_guard_admin;
CREATE ROLE ud_guard_reader; CREATE ROLE ud_guard_editor; CREATE ROLE ud_guard_login; CREATE ROLE ud_guard_admin;
RESET client_min_messages;
SELECT userdir.grant_to('ud_guard_' || b, b) FROM unnest('{reader,editor,login,admin}'::text[]) b;
CREATE FUNCTION pg_temp.as_role(role_name text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', role_name);
  EXECUTE statement;
  RESET ROLE;
  RETURN 'yes';
EXCEPTION WHEN insufficient_privilege THEN
  RETURN '-';
END $$;
SELECT statement, pg_temp.as_role('ud_guard_reader', statement) AS reader, pg_temp.as_role('ud_guard_editor', statement) AS editor,
       pg_temp.as_role('ud_guard_login', statement) AS login, pg_temp.as_role('ud_guard_admin', statement) AS admin
  FROM (VALUES ('SELECT userdir.user_blocks(''x'')'), ('SELECT userdir.ip_block(''192.0.2.1'')'), ('SELECT userdir.unblock_user(''x'')'), ('SELECT userdir.unblock_ip(''192.0.2.1'')'),
               ('SELECT userdir.get_attack_protection(''brute-force-protection'')'), ('SELECT userdir.update_attack_protection(''brute-force-protection'', ''{}'')'),
               ('SELECT userdir.attempts_status()'), ('SELECT userdir.purge_attempts()'),
               -- and what none of them can
               ('SELECT userdir._attempt_allowed(''c'', ''x'', NULL)'), ('SELECT userdir._attempt_failed(''c'', ''x'', NULL)'), ('SELECT userdir._attempts_cleared(''c'', ''{x}'')'),
               ('SELECT userdir._shared_attempts_forget_all(''\x00'', now())'), ('SELECT salt FROM userdir.attack_protection'), ('UPDATE userdir.attack_protection SET salt = '''''), ('DELETE FROM userdir.login_attempts'), ('SELECT * FROM userdir.login_attempts')) s (statement);
DROP OWNED BY ud_guard_reader, ud_guard_editor, ud_guard_login, ud_guard_admin;
DROP ROLE ud_guard_reader, ud_guard_editor, ud_guard_login, ud_guard_admin;
