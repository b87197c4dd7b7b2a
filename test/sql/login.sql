-- Logging in with a password: outcomes, counters, statistics, the log
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
-- Hashes as cheap as they may be: these tests make many.
SET userdir.password_memory = '7MB';
SELECT userdir.create_connection('shop', 'auth0', '{"requires_username": true}') IS NOT NULL AS created;
SELECT userdir.create_connection('staff', 'auth0', '{"enabled_clients": ["back-office"]}') IS NOT NULL AS created;
SELECT userdir.create_connection('github', 'github') IS NOT NULL AS created;
DO $$ BEGIN PERFORM userdir.set_issuer('https://login.example.com/'); PERFORM userdir.create_signing_key('RS256'); END $$;
SELECT userdir.create_client(c, jsonb_build_object('client_id', c, 'grant_types', '["password"]'::jsonb)) ->> 'name' AS client FROM unnest('{web,back-office}'::text[]) c;
SELECT userdir.create_resource_server('https://api.example.com/') ->> 'name' AS api;
SELECT userdir.create_user('shop', '{"email": "Ada@Example.com", "username": "Ada", "user_id": "ada"}', 'Paper-Boat-1843') ->> 'user_id' AS user_id;
SELECT userdir.create_user('shop', '{"email": "nopass@example.com", "username": "nopass", "user_id": "nopass"}') ->> 'user_id' AS user_id;
SELECT userdir.create_user('staff', '{"email": "ada@example.com", "user_id": "staff-ada"}', 'Another-Boat-1') ->> 'user_id' AS user_id;

-- What a login is told, and what it leaves in the log.
CREATE FUNCTION pg_temp.attempt(connection text, identifier text, password text, client_id text DEFAULT NULL, ip text DEFAULT '192.0.2.7')
  RETURNS TABLE (outcome text, description text, user_id text, logged text) LANGUAGE plpgsql AS $$
DECLARE
  before text[] := ARRAY(SELECT g.log_id FROM userdir.logs g);
  l record;
BEGIN
  l := userdir.login(connection, identifier, password, client_id, context => jsonb_build_object('ip', ip));
  RETURN QUERY SELECT l.outcome, l.description, l.user_id,
                      (SELECT string_agg(concat_ws(' ', g.type, g.user_id, g.user_name, g.connection, g.strategy_type, host(g.ip)), ', ' ORDER BY g.date, g.log_id)
                         FROM userdir.logs g WHERE g.log_id <> ALL (before));
END $$;
SELECT * FROM pg_temp.attempt('shop', 'ada@example.com', 'Paper-Boat-1843');
SELECT * FROM pg_temp.attempt('shop', 'ADA@EXAMPLE.COM', 'Paper-Boat-1843');
SELECT * FROM pg_temp.attempt('shop', 'aDa', 'Paper-Boat-1843');
SELECT * FROM pg_temp.attempt('shop', 'ada@example.com', 'paper-boat-1843');
SELECT * FROM pg_temp.attempt('shop', 'ada@example.com', 'Another-Boat-1');
SELECT * FROM pg_temp.attempt('shop', 'nobody@example.com', 'Paper-Boat-1843');
SELECT * FROM pg_temp.attempt('shop', 'nopass@example.com', 'Paper-Boat-1843');
-- A user_id is no name to log in by, and the name of another connection is not one of this.
SELECT * FROM pg_temp.attempt('shop', 'auth0|ada', 'Paper-Boat-1843');
SELECT * FROM pg_temp.attempt('staff', 'ada', 'Paper-Boat-1843', 'back-office');
SELECT * FROM pg_temp.attempt('staff', 'ada@example.com', 'Another-Boat-1', 'back-office');
-- A connection that is not enabled.
SELECT * FROM pg_temp.attempt('staff', 'ada@example.com', 'Another-Boat-1');
SELECT * FROM pg_temp.attempt('staff', 'ada@example.com', 'Another-Boat-1', 'web');

-- Nothing, and far too much.
SELECT * FROM pg_temp.attempt('shop', '', 'Paper-Boat-1843');
SELECT * FROM pg_temp.attempt('shop', NULL, 'Paper-Boat-1843');
SELECT * FROM pg_temp.attempt('shop', 'ada@example.com', '', ip => '192.0.2.8');
SELECT * FROM pg_temp.attempt('shop', 'ada@example.com', NULL, ip => '192.0.2.8');
SELECT outcome, left(description, 30) AS description, length(logged) FROM pg_temp.attempt('shop', repeat('x', 1000000), 'Paper-Boat-1843', ip => '192.0.2.8');
SELECT pg_temp.try($$SELECT userdir.login('shop', 'ada@example.com', repeat('x', 1000000))$$);
SELECT outcome FROM userdir.login('shop', 'ada@example.com', repeat('x', 4096), context => '{"ip": "192.0.2.8"}');
SELECT outcome FROM userdir.login('shop', E'ada@example.com\t', 'Paper-Boat-1843', context => '{"ip": "192.0.2.8"}');
SELECT pg_temp.try($$SELECT userdir.login('nowhere', 'ada@example.com', 'x')$$);
SELECT pg_temp.try($$SELECT userdir.login(NULL, 'ada@example.com', 'x')$$);
SELECT pg_temp.try($$SELECT userdir.login('github', 'ada@example.com', 'x')$$);
SELECT pg_temp.try($$SELECT userdir.login('shop', 'ada@example.com', 'x', context => '[]')$$);
SELECT pg_temp.try($$SELECT userdir.login('shop', 'ada@example.com', 'x', context => '"ip"')$$);
SELECT pg_temp.try($$SELECT userdir.login('shop', 'ada@example.com', 'x', context => '{"ip": "here"}')$$);
SELECT pg_temp.try($$SELECT userdir.login('shop', 'ada@example.com', 'x', context => '{"ip": 7}')$$);
-- A network is no address, and an address under another name would not count.
SELECT c, pg_temp.try(format('SELECT userdir.login(%L, %L, %L, context => %L)', 'shop', 'ada@example.com', 'x', c))
  FROM jsonb_array_elements('[{"ip": "203.0.113.0/24"}, {"ip": "2001:db8::/32"}, {"ip": "::1/127"}, {"ip": ""}, {"Ip": "203.0.113.5"}, {"IP": null, "ip": null}, {"User_Agent": "x"}, {"HOSTNAME": "x"}, {"Nonce": "x"}, {"SESSION_ID": "x"}, {"AMR": []}, {"Acr": "x"}, {"Protocol": "x"}]') c;
SELECT outcome FROM jsonb_array_elements('[{"ip": "203.0.113.5/32"}, {"ip": "2001:db8::5/128"}, {"ips": [], "i": 1, "": {}, "user-agent": 2, "device": {"IP": 1}}]') c,
  LATERAL userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', context => c);
SELECT pg_temp.try($$SELECT userdir.login('shop', 'ada@example.com', 'x', context => jsonb_build_object('user_agent', repeat('x', 9000)))$$);
SELECT pg_temp.try($$SELECT userdir.login('shop', 'ada@example.com', 'x', context => (SELECT jsonb_object_agg(n, md5(n::text)) FROM generate_series(1, 3000) n))$$);
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', context => NULL);

-- Statistics: right passwords count, wrong ones do not; without an address the last one stays.
SELECT last_login IS NOT NULL AS logged_in, last_ip, logins_count FROM userdir.user_logins WHERE user_id = 'auth0|ada';
-- All that a login knows of its request.
SELECT outcome FROM userdir.login('shop', 'ada', 'Paper-Boat-1843', 'web', 'https://api.example.com/', 'openid email',
  '{"ip": "2001:db8::7", "user_agent": "Mozilla/5.0", "hostname": "shop.example.com", "more": true}');
SELECT type, connection, connection_id ~ '^con_' AS connection_id, strategy, client_id, ip, hostname, user_agent, user_id, user_name, audience, scope, details,
       log_id ~ '^90[0-9]{28}$' AS log_id
  FROM userdir.logs WHERE client_id = 'web' AND type = 's';
SELECT last_ip, logins_count FROM userdir.user_logins WHERE user_id = 'auth0|ada';

-- Blocked by an administrator: told to whoever knows the password, and counted as a login.
SELECT userdir.update_user('auth0|ada', '{"blocked": true}') -> 'blocked' AS blocked;
SELECT * FROM pg_temp.attempt('shop', 'ada', 'wrong');
SELECT * FROM pg_temp.attempt('shop', 'ada', 'Paper-Boat-1843');
SELECT logins_count FROM userdir.user_logins WHERE user_id = 'auth0|ada';
SELECT userdir.update_user('auth0|ada', '{"blocked": false}') -> 'blocked' AS blocked;

-- Too many attempts: from this address, of this identifier, known or not.
SELECT n, (SELECT outcome FROM userdir.login('shop', 'ada', 'guess ' || n, context => '{"ip": "198.51.100.1"}')) FROM generate_series(1, 11) n;
SELECT n, (SELECT outcome FROM userdir.login('shop', 'ghost', 'guess ' || n, context => '{"ip": "198.51.100.1"}')) FROM generate_series(1, 11) n;
SELECT * FROM pg_temp.attempt('shop', 'ada', 'Paper-Boat-1843', ip => '198.51.100.1');
SELECT * FROM pg_temp.attempt('shop', 'Ada', 'Paper-Boat-1843', ip => '198.51.100.1');
SELECT * FROM pg_temp.attempt('shop', 'ada', 'Paper-Boat-1843', ip => '198.51.100.2');
SELECT type, user_id, user_name, ip, count(*) FROM userdir.logs WHERE type = 'limit_wc' GROUP BY 1, 2, 3, 4 ORDER BY 2, 3;
SELECT userdir.unblock_user('ada') IS NOT NULL AS unblocked;
SELECT * FROM pg_temp.attempt('shop', 'ada', 'Paper-Boat-1843', ip => '198.51.100.1');
-- A right password forgets the failures before it.
SELECT count(*) FROM generate_series(1, 9) n, LATERAL userdir.login('shop', 'ada', 'guess ' || n, context => '{"ip": "198.51.100.3"}');
SELECT outcome FROM userdir.login('shop', 'ada', 'Paper-Boat-1843', context => '{"ip": "198.51.100.3"}');
SELECT count(*) FROM generate_series(1, 9) n, LATERAL userdir.login('shop', 'ada', 'guess ' || n, context => '{"ip": "198.51.100.3"}');
SELECT outcome FROM userdir.login('shop', 'ada', 'Paper-Boat-1843', context => '{"ip": "198.51.100.3"}');
-- One address, many users.
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"stage": {"pre-login": {"max_attempts": 3}}}') IS NOT NULL AS changed;
SELECT n, (SELECT outcome FROM userdir.login('shop', 'user' || n, 'x', context => '{"ip": "203.0.113.9"}')) FROM generate_series(1, 4) n;
SELECT * FROM pg_temp.attempt('shop', 'ada', 'Paper-Boat-1843', ip => '203.0.113.9');
SELECT outcome FROM userdir.login('shop', 'ada', 'Paper-Boat-1843', context => '{"ip": "203.0.113.10"}');
SELECT type, user_id, ip, count(*) FROM userdir.logs WHERE type = 'limit_mu' GROUP BY 1, 2, 3 ORDER BY 2, 3;
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"stage": {"pre-login": {"max_attempts": 100}}}') IS NOT NULL AS changed;

-- A connection without the protection of identifiers: they are never blocked there; addresses are, and the same names elsewhere.
SELECT userdir.create_connection('open', 'auth0', '{"brute_force_protection": false}') -> 'options' AS options;
SELECT userdir.create_user('open', '{"email": "ada@example.com", "user_id": "open-ada"}', 'Open-Boat-1') ->> 'user_id' AS user_id;
SELECT l.outcome, count(*) FROM generate_series(1, 11) n, LATERAL userdir.login('open', 'ada@example.com', 'guess ' || n, context => '{"ip": "198.51.100.20"}') l GROUP BY 1;
SELECT * FROM pg_temp.attempt('open', 'ada@example.com', 'wrong', ip => '198.51.100.20');
SELECT * FROM pg_temp.attempt('open', 'ada@example.com', 'Open-Boat-1', ip => '198.51.100.20');
SELECT userdir.user_blocks('ada@example.com');
SELECT l.outcome, count(*) FROM generate_series(1, 11) n, LATERAL userdir.login('shop', 'ada@example.com', 'guess ' || n, context => '{"ip": "198.51.100.20"}') l GROUP BY 1 ORDER BY 2;
SELECT userdir.user_blocks('ada@example.com') #>> '{blocked_for,0,connection}' AS blocked;
SELECT c.outcome, count(*) FROM generate_series(1, 11) n, LATERAL userdir.change_password('open', 'ada@example.com', 'guess ' || n, 'x', context => '{"ip": "198.51.100.20"}') c GROUP BY 1;
SELECT a.outcome, count(*) FROM generate_series(1, 11) n, LATERAL userdir.authenticate_password('open', 'ada@example.com', 'guess ' || n, context => '{"ip": "198.51.100.20"}') a GROUP BY 1;
-- Soon the address has guessed too often.
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"stage": {"pre-login": {"max_attempts": 46}}}') IS NOT NULL AS changed;
SELECT l.outcome, count(*) FROM generate_series(1, 4) n, LATERAL userdir.login('open', 'ada@example.com', 'guess ' || n, context => '{"ip": "198.51.100.20"}') l GROUP BY 1 ORDER BY 1;
SELECT * FROM pg_temp.attempt('open', 'ada@example.com', 'Open-Boat-1', ip => '198.51.100.20');
SELECT * FROM pg_temp.attempt('open', 'ada@example.com', 'Open-Boat-1', ip => '198.51.100.21');
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"stage": {"pre-login": {"max_attempts": 100}}}') IS NOT NULL AS changed;
SELECT userdir.unblock_ip('198.51.100.20'), userdir.unblock_user('ada@example.com') AS unblocked;
-- Also where the addresses do not matter. Switched on, guesses count from then on.
SELECT userdir.update_attack_protection('brute-force-protection', '{"mode": "count_per_identifier"}') ->> 'mode' AS mode;
SELECT l.outcome, count(*) FROM generate_series(1, 11) n, LATERAL userdir.login('open', 'ada@example.com', 'guess ' || n, context => '{"ip": "198.51.100.20"}') l GROUP BY 1;
SELECT userdir.update_connection('open', '{"options": {"brute_force_protection": true}}') -> 'options' AS options;
SELECT l.outcome, count(*) FROM generate_series(1, 11) n, LATERAL userdir.login('open', 'ada@example.com', 'guess ' || n, context => '{"ip": "198.51.100.20"}') l GROUP BY 1 ORDER BY 1;
SELECT outcome FROM userdir.login('open', 'ada@example.com', 'Open-Boat-1', context => '{"ip": "198.51.100.21"}');
-- Switched off again, what was counted is not applied, and can be left out of the list.
SELECT userdir.update_connection('open', '{"options": {"brute_force_protection": false}}') -> 'options' AS options;
SELECT userdir.user_blocks('ada@example.com') AS known, userdir.user_blocks('ada@example.com', true) AS applied, userdir.user_blocks_by_id('auth0|open-ada', true) AS by_id;
SELECT outcome FROM userdir.login('open', 'ada@example.com', 'Open-Boat-1', context => '{"ip": "198.51.100.21"}');
SELECT userdir.update_attack_protection('brute-force-protection', '{"mode": "count_per_identifier_and_ip"}') ->> 'mode' AS mode;

-- Leaked passwords: told, then refused. This one is made for tests.
SELECT userdir.create_user('shop', '{"email": "lea@example.com", "username": "lea", "user_id": "lea"}', 'Paaf213XXYYZZ') ->> 'user_id' AS user_id;
SELECT outcome, notices FROM userdir.login('shop', 'lea', 'Paaf213XXYYZZ');
SELECT userdir.update_attack_protection('breached-password-detection', '{"enabled": true, "shields": ["user_notification"]}') -> 'enabled' AS enabled;
SELECT outcome, notices FROM userdir.login('shop', 'lea', 'Paaf213XXYYZZ');
SELECT userdir.update_attack_protection('breached-password-detection', '{"shields": ["block", "admin_notification"]}') -> 'shields' AS shields;
SELECT outcome, user_id, notices FROM userdir.login('shop', 'lea', 'Paaf213XXYYZZ');
SELECT outcome FROM userdir.login('shop', 'lea', 'wrong');
SELECT type, user_id, details FROM userdir.logs WHERE type = 'pwd_leak' ORDER BY date, log_id;
SELECT logins_count FROM userdir.user_logins WHERE user_id = 'auth0|lea';
SELECT userdir.update_attack_protection('breached-password-detection', '{"enabled": false}') -> 'enabled' AS enabled;

-- The hash of another system is replaced at the first login, one at another cost as well, and no other.
UPDATE userdir.credentials SET hash = userdir._import_password_hash('{"algorithm": "md5", "hash": {"value": "5f4dcc3b5aa765d61d8327deb882cf99", "encoding": "hex"}}')
 WHERE user_id = 'auth0|ada';
SELECT outcome FROM userdir.login('shop', 'ada', 'wrong');
SELECT userdir.password_hash_info(hash) ->> 'scheme' AS scheme FROM userdir.credentials WHERE user_id = 'auth0|ada';
SELECT outcome FROM userdir.authenticate_password('shop', 'ada', 'password');
SELECT userdir.password_hash_info(hash) ->> 'scheme' AS scheme FROM userdir.credentials WHERE user_id = 'auth0|ada';
SELECT outcome FROM userdir.login('shop', 'ada', 'password');
SELECT userdir.password_hash_info(hash) ->> 'scheme' AS scheme, userdir.password_hash_info(hash) -> 'memory' AS memory FROM userdir.credentials WHERE user_id = 'auth0|ada';
SELECT hash AS before FROM userdir.credentials WHERE user_id = 'auth0|ada' \gset
SELECT outcome FROM userdir.login('shop', 'ada', 'password');
SELECT hash = :'before' AS kept FROM userdir.credentials WHERE user_id = 'auth0|ada';
SET userdir.password_memory = '8MB';
SELECT outcome FROM userdir.login('shop', 'ada', 'password');
SELECT userdir.password_hash_info(hash) -> 'memory' AS memory FROM userdir.credentials WHERE user_id = 'auth0|ada';
SET userdir.password_memory = '7MB';

-- Weak hashes are wrapped, others are not, and all still verify.
UPDATE userdir.credentials SET hash = userdir._import_password_hash('{"algorithm": "sha1", "hash": {"value": "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", "encoding": "hex"}}')
 WHERE user_id IN ('auth0|lea', 'auth0|staff-ada');
SELECT userdir.wrap_weak_hashes(1), userdir.wrap_weak_hashes() AS rest, userdir.wrap_weak_hashes(NULL) AS none;
SELECT user_id, userdir.password_hash_info(hash) ->> 'scheme' AS scheme, userdir.password_hash_info(hash) #>> '{wrapped_by,scheme}' AS wrapped_by FROM userdir.credentials ORDER BY 1;
SELECT outcome FROM userdir.login('shop', 'lea', 'Password');
SELECT outcome FROM userdir.login('shop', 'lea', 'password');
SELECT userdir.password_hash_info(hash) ->> 'scheme' AS scheme FROM userdir.credentials WHERE user_id = 'auth0|lea';
SELECT pg_temp.try('SELECT userdir.wrap_weak_hashes(0)');

-- A login through a linked identity is one of the primary.
BEGIN;
UPDATE userdir.identifiers SET user_id = 'auth0|ada' WHERE user_id = 'auth0|staff-ada';
UPDATE userdir.identities SET user_id = 'auth0|ada', is_primary = false, profile_data = '{"email": "ada@example.com"}' WHERE user_id = 'auth0|staff-ada';
UPDATE userdir.credentials SET user_id = 'auth0|ada' WHERE user_id = 'auth0|staff-ada';
SELECT * FROM pg_temp.attempt('staff', 'ada@example.com', 'password', 'back-office');
SELECT * FROM pg_temp.attempt('shop', 'ada@example.com', 'password');
ROLLBACK;

-- To check a password only.
SELECT count(*) AS before FROM userdir.logs \gset
SELECT logins_count AS logins FROM userdir.user_logins WHERE user_id = 'auth0|ada' \gset
SELECT * FROM userdir.authenticate_password('shop', 'ada', 'password');
SELECT count(*) - :before AS more FROM userdir.logs;
SELECT * FROM userdir.authenticate_password('shop', 'ada', 'wrong', context => '{"ip": "192.0.2.99"}');
SELECT count(*) - :before AS more FROM userdir.logs;
SELECT logins_count = :logins AS same FROM userdir.user_logins WHERE user_id = 'auth0|ada';

-- Where nothing can be written, no password is looked at, and nothing is forgotten.
SELECT count(*) FROM generate_series(1, 9) n, LATERAL userdir.login('shop', 'ada', 'guess ' || n, context => '{"ip": "198.51.100.30"}');
BEGIN READ ONLY;
SELECT pg_temp.try($$SELECT userdir.login('shop', 'ada', 'password', context => '{"ip": "198.51.100.30"}')$$), pg_temp.try($$SELECT userdir.authenticate_password('shop', 'ada', 'password', context => '{"ip": "198.51.100.30"}')$$),
       pg_temp.try($$SELECT userdir.set_password('auth0|ada', 'x')$$) AS set_password, userdir.user_blocks('ada') AS blocks;
COMMIT;
SELECT n, (SELECT outcome FROM userdir.login('shop', 'ada', 'guess ' || n, context => '{"ip": "198.51.100.30"}')) FROM generate_series(1, 2) n;
-- In a subtransaction that is taken back, a login leaves nothing; without preload that includes the attempt.
SELECT count(*) AS before FROM userdir.logs \gset
DO $$ BEGIN PERFORM userdir.login('shop', 'ada', 'password', context => '{"ip": "198.51.100.31"}'); RAISE 'back'; EXCEPTION WHEN raise_exception THEN NULL; END $$;
SELECT count(*) - :before AS more FROM userdir.logs;
SELECT outcome FROM userdir.login('shop', 'ada', 'password', context => '{"ip": "198.51.100.31"}');
-- At every isolation level, and however strings are written.
BEGIN ISOLATION LEVEL SERIALIZABLE;
SET LOCAL standard_conforming_strings = off;
SELECT outcome FROM userdir.login('shop', 'ada', 'wrong', context => '{"ip": "198.51.100.31"}') UNION ALL SELECT outcome FROM userdir.login('shop', 'ada', 'password', context => '{"ip": "198.51.100.31"}');
COMMIT;

-- By a role that may do nothing else.
SET client_min_messages = warning;
DROP ROLE IF EXISTS ud_web;
CREATE ROLE ud_web;
RESET client_min_messages;
SELECT userdir.grant_to('ud_web', 'login');
SET ROLE ud_web;
SELECT outcome, user_id FROM userdir.login('shop', 'ada', 'password');
SELECT outcome FROM userdir.authenticate_password('shop', 'ada', 'wrong');
SELECT pg_temp.try('SELECT hash FROM userdir.credentials');
SELECT pg_temp.try('SELECT type FROM userdir.logs');
SELECT pg_temp.try($$SELECT userdir._authenticate(NULL::record, 'ada', 'password', '{}')$$);
SELECT pg_temp.try($$SELECT userdir.set_password('auth0|ada', 'Own-The-World-1')$$);
SELECT pg_temp.try($$SELECT userdir.wrap_weak_hashes()$$);
RESET ROLE;
SELECT userdir.revoke_from('ud_web', 'login');
DROP ROLE ud_web;
-- Who is deleted leaves no password, and what happened stays known.
SELECT userdir.delete_user('auth0|lea');
SELECT count(*) FROM userdir.credentials WHERE user_id = 'auth0|lea';
SELECT count(*) > 0 AS known FROM userdir.logs WHERE user_id = 'auth0|lea';
SELECT outcome FROM userdir.login('shop', 'lea', 'password');
