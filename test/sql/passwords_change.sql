-- Changing, setting and resetting passwords: outcomes, tickets, history, and what a change takes back
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
-- Hashes as cheap as they may be: these tests make many.
SET userdir.password_memory = '7MB';
\pset format unaligned
SELECT userdir.create_connection('shop', 'auth0', '{"requires_username": true}') ->> 'name' AS name;
SELECT userdir.create_connection('club', 'auth0', '{"passwordPolicy": "good", "password_history": {"enable": true, "size": 2}, "disable_self_service_change_password": true}') ->> 'name' AS name;
SELECT userdir.create_connection('github', 'github') ->> 'name' AS name UNION ALL SELECT userdir.create_connection('mail', 'email') ->> 'name';
SELECT userdir.create_user('shop', '{"email": "ada@example.com", "username": "ada", "user_id": "ada"}', 'Paper-Boat-1843') ->> 'user_id' AS user_id;
SELECT userdir.create_user('shop', '{"email": "nopass@example.com", "username": "nopass", "user_id": "nopass"}') ->> 'user_id' AS user_id;
SELECT userdir.create_user('club', '{"email": "kim@example.com", "user_id": "kim"}', 'First-Boat-1') ->> 'user_id' AS user_id;
SELECT userdir.create_user('mail', '{"email": "letters@example.com", "user_id": "letters"}') ->> 'user_id' AS user_id;
SELECT userdir.upsert_from_connection('github', '{"id": 7, "login": "octo", "email": "octo@example.com"}') ->> 'user_id' AS user_id;

-- Whether a password is that of a user, without a trace in counters or log.
CREATE FUNCTION pg_temp.is_password_of(name text, password text, connection text DEFAULT 'shop') RETURNS boolean LANGUAGE sql AS $$
  SELECT userdir._verify_password(password, f.hash) FROM userdir._find_login(name, connection) f $$;
-- The events since the last call.
CREATE FUNCTION pg_temp.since() RETURNS TABLE (event text) LANGUAGE plpgsql AS $$
DECLARE
  last text := coalesce(nullif(current_setting('test.last', true), ''), '0');
BEGIN
  RETURN QUERY SELECT concat_ws(' ', g.type, g.user_id, g.user_name, g.connection, g.client_id, host(g.ip), g.description, g.details) FROM userdir.logs g WHERE g.log_id > last ORDER BY g.log_id;
  PERFORM set_config('test.last', coalesce((SELECT max(g.log_id) FROM userdir.logs g), '0'), false);
END $$;
SELECT count(*) AS events_of_creating FROM pg_temp.since();

-- By the user, who knows the old one.
SELECT userdir.get_user('auth0|ada') ? 'last_password_reset' AS changed_before;
SELECT set_at AS set_before FROM userdir.credentials WHERE user_id = 'auth0|ada' \gset
SELECT * FROM userdir.change_password('shop', 'Ada@Example.com', 'Paper-Boat-1843', 'Rain-On-Tin-Roofs-7', 'web', '{"ip": "192.0.2.7"}');
SELECT pg_temp.is_password_of('ada', 'Rain-On-Tin-Roofs-7') AS new, pg_temp.is_password_of('ada', 'Paper-Boat-1843') AS old;
SELECT (userdir.get_user('auth0|ada') ->> 'last_password_reset')::timestamptz BETWEEN :'set_before' AND clock_timestamp() AS changed, userdir.get_user('auth0|ada') ? 'last_login' AS logged_in;
SELECT set_at > :'set_before' AS set_later FROM userdir.credentials WHERE user_id = 'auth0|ada';
SELECT * FROM pg_temp.since();
-- With a wrong one, by somebody unknown, without one: as login() says, and counted like it.
SELECT * FROM userdir.change_password('shop', 'ada', 'wrong', 'Another-Boat-1', context => '{"ip": "192.0.2.7"}');
SELECT * FROM userdir.change_password('shop', 'ghost', 'wrong', 'Another-Boat-1', context => '{"ip": "192.0.2.7"}');
SELECT * FROM userdir.change_password('shop', 'nopass', '', 'Another-Boat-1', context => '{"ip": "192.0.2.7"}');
SELECT * FROM userdir.change_password('shop', 'nopass', NULL, 'Another-Boat-1', context => '{"ip": "192.0.2.7"}');
SELECT * FROM userdir.change_password('shop', 'auth0|ada', 'Rain-On-Tin-Roofs-7', 'Another-Boat-1', context => '{"ip": "192.0.2.7"}');
SELECT * FROM pg_temp.since();
SELECT c.outcome FROM generate_series(1, 11) n, LATERAL userdir.change_password('shop', 'ada', 'guess ' || n, 'Another-Boat-1', context => '{"ip": "192.0.2.8"}') c;
SELECT outcome, user_id FROM userdir.change_password('shop', 'ada', 'Rain-On-Tin-Roofs-7', 'Another-Boat-1', context => '{"ip": "192.0.2.8"}');
SELECT pg_temp.is_password_of('ada', 'Rain-On-Tin-Roofs-7') AS unchanged;
-- From elsewhere the user can, and that lifts the block everywhere, by every name.
SELECT count(*) FROM generate_series(1, 10) n, LATERAL userdir.login('shop', 'ada@example.com', 'guess ' || n, context => '{"ip": "192.0.2.9"}') l;
SELECT jsonb_array_length(userdir.user_blocks_by_id('auth0|ada') -> 'blocked_for') AS blocks;
SELECT outcome FROM userdir.change_password('shop', 'ada', 'Rain-On-Tin-Roofs-7', 'Another-Boat-1', context => '{"ip": "192.0.2.10"}');
SELECT userdir.user_blocks_by_id('auth0|ada') AS blocks;
SELECT outcome FROM userdir.login('shop', 'ada', 'Another-Boat-1', context => '{"ip": "192.0.2.8"}') UNION ALL SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Another-Boat-1', context => '{"ip": "192.0.2.9"}');
SELECT count(*) > 0 AS some FROM pg_temp.since();
-- What the policy refuses.
SELECT outcome, description, user_id, report #>> '{description,rules,0,code}' AS rule FROM userdir.change_password('shop', 'ada', 'Another-Boat-1', '');
SELECT outcome, description, user_id, report #>> '{description,rules,0,code}' AS rule FROM userdir.change_password('shop', 'ada', 'Another-Boat-1', NULL);
SELECT outcome, description, user_id, report ->> 'name' AS name FROM userdir.change_password('club', 'kim@example.com', 'First-Boat-1', 'kim');
SELECT pg_temp.is_password_of('ada', 'Another-Boat-1') AS unchanged, pg_temp.is_password_of('kim@example.com', 'First-Boat-1', 'club') AS unchanged;
SELECT * FROM pg_temp.since();
-- Blocked by an administrator: no.
SELECT userdir.update_user('auth0|ada', '{"blocked": true}') -> 'blocked' AS blocked;
SELECT * FROM userdir.change_password('shop', 'ada', 'Another-Boat-1', 'Third-Boat-1');
-- Nor does a ticket lift the block.
SELECT userdir.create_password_change_ticket('auth0|ada') AS ticket \gset
SELECT outcome FROM userdir.reset_password(:'ticket', 'Reset-Boat-1');
SELECT userdir.get_user('auth0|ada') -> 'blocked' AS still_blocked;
-- An administrator who sets a password does, and only if it is one that the policy takes.
SELECT pg_temp.try($$SELECT userdir.set_password('auth0|ada', '')$$);
SELECT userdir.get_user('auth0|ada') -> 'blocked' AS still_blocked;
SELECT count(*) > 0 AS some FROM pg_temp.since();
SELECT u.updated_at AS updated_at FROM userdir.users u WHERE user_id = 'auth0|ada' \gset
SELECT userdir.set_password('auth0|ada', 'Another-Boat-1');
SELECT userdir.get_user('auth0|ada') -> 'blocked' AS blocked, updated_at > :'updated_at' AS updated FROM userdir.users WHERE user_id = 'auth0|ada';
SELECT * FROM pg_temp.since();
SELECT outcome FROM userdir.login('shop', 'ada', 'Another-Boat-1');
-- The profile of somebody who is not blocked stays as it is.
SELECT u.updated_at AS updated_at FROM userdir.users u WHERE user_id = 'auth0|ada' \gset
SELECT userdir.set_password('auth0|ada', 'Another-Boat-1');
SELECT updated_at = :'updated_at' AS unchanged FROM userdir.users WHERE user_id = 'auth0|ada';
-- Misuse.
SELECT pg_temp.try(s) FROM unnest(ARRAY[
  $$SELECT userdir.change_password('nowhere', 'ada', 'x', 'y')$$, $$SELECT userdir.change_password(NULL, 'ada', 'x', 'y')$$, $$SELECT userdir.change_password('github', 'ada', 'x', 'y')$$, $$SELECT userdir.change_password('mail', 'letters@example.com', 'x', 'y')$$,
  $$SELECT userdir.change_password('shop', 'ada', 'x', repeat('y', 4097))$$, $$SELECT userdir.change_password('shop', 'ada', repeat('y', 4097), 'x')$$, $$SELECT userdir.change_password('shop', 'ada', 'x', 'y', context => '7')$$]) s;
SELECT outcome FROM userdir.change_password('shop', NULL, NULL, NULL);

-- By an administrator.
SELECT count(*) > 0 AS some FROM pg_temp.since();
SELECT userdir.set_password('auth0|ada', 'Fourth-Boat-1'), userdir.set_password('auth0|nopass', 'Its-First-Boat-1');
SELECT pg_temp.is_password_of('ada', 'Fourth-Boat-1') AS ada, pg_temp.is_password_of('nopass', 'Its-First-Boat-1') AS nopass, userdir.get_user('auth0|nopass') ? 'last_password_reset' AS the_first_is_no_change;
SELECT userdir.set_password('auth0|nopass', 'Its-Second-Boat-1');
SELECT userdir.get_user('auth0|nopass') ? 'last_password_reset' AS the_second_is;
SELECT * FROM pg_temp.since();
SELECT pg_temp.try(s) FROM unnest(ARRAY[
  $$SELECT userdir.set_password('auth0|nobody', 'x')$$, $$SELECT userdir.set_password(NULL, 'x')$$, $$SELECT userdir.set_password('github|7', 'x')$$, $$SELECT userdir.set_password('email|letters', 'x')$$, $$SELECT userdir.set_password('auth0|ada', '')$$,
  $$SELECT userdir.set_password('auth0|ada', NULL)$$, $$SELECT userdir.set_password('auth0|kim', 'kim')$$, $$SELECT userdir.set_password('auth0|ada', 'Fifth-Boat-1', 'club')$$, $$SELECT userdir.set_password('auth0|ada', 'Fifth-Boat-1', 'nowhere')$$,
  $$SELECT userdir.set_password('auth0|ada', repeat('x', 4097))$$, $$SELECT userdir.set_password('github|7', 'x', 'github')$$]) s;
SELECT pg_temp.is_password_of('ada', 'Fourth-Boat-1') AS unchanged;
SELECT count(*) AS no_events FROM pg_temp.since();
-- Twice in a transaction: the last one counts.
BEGIN;
SELECT userdir.set_password('auth0|ada', 'Sixth-Boat-1'), userdir.set_password('auth0|ada', 'Seventh-Boat-1', 'shop');
COMMIT;
SELECT pg_temp.is_password_of('ada', 'Seventh-Boat-1') AS last, count(*) FROM userdir.credentials WHERE user_id = 'auth0|ada';

-- The history: neither the present password nor the one before, of two that are kept.
SELECT pg_temp.try($$SELECT userdir.set_password('auth0|kim', 'First-Boat-1')$$);
SELECT userdir.set_password('auth0|kim', 'Second-Boat-2');
SELECT (report ->> 'name') AS name, outcome, description FROM userdir.change_password('club', 'kim@example.com', 'Second-Boat-2', 'First-Boat-1');
SELECT outcome, description FROM userdir.change_password('club', 'kim@example.com', 'Second-Boat-2', 'Second-Boat-2');
SELECT outcome FROM userdir.change_password('club', 'kim@example.com', 'Second-Boat-2', 'Third-Boat-3');
SELECT outcome FROM userdir.change_password('club', 'kim@example.com', 'Third-Boat-3', 'Second-Boat-2');
SELECT outcome FROM userdir.change_password('club', 'kim@example.com', 'Third-Boat-3', 'First-Boat-1');
SELECT count(*) AS kept FROM userdir.password_history WHERE user_id = 'auth0|kim';
SELECT userdir.create_password_change_ticket('auth0|kim') AS ticket \gset
SELECT outcome, report ->> 'name' AS name FROM userdir.reset_password(:'ticket', 'Third-Boat-3');
SELECT outcome, report ->> 'name' AS name FROM userdir.reset_password(:'ticket', 'Second-Boat-2');

-- Forgotten passwords.
SELECT count(*) > 0 AS some FROM pg_temp.since();
SELECT userdir.get_user('auth0|ada') -> 'email_verified' AS email_verified;
SELECT userdir.request_password_change('shop', 'ADA@example.com', 'web', 60, 'https://shop.example.com/done', '{"ip": "192.0.2.7"}') AS ticket \gset
SELECT length(:'ticket') AS length, :'ticket' ~ '^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$' AS form, userdir._token_user(split_part(:'ticket', '.', 1)) AS user_id;
SELECT purpose, provider, provider_user_id, email, options, expires_at - created_at AS lifetime, length(token_hash) FROM userdir.tickets WHERE user_id = 'auth0|ada';
SELECT outcome, description, user_id, report ->> 'message' AS message, options FROM userdir.reset_password(:'ticket', '', '{"ip": "192.0.2.7"}');
SELECT outcome, description, user_id, report ->> 'message' AS message FROM userdir.reset_password(:'ticket', NULL);
SELECT count(*) FROM generate_series(1, 10) n, LATERAL userdir.login('shop', 'ada', 'guess ' || n, context => '{"ip": "192.0.2.8"}') l;
SELECT * FROM userdir.reset_password(:'ticket', 'Eighth-Boat-1', '{"ip": "192.0.2.7", "user_agent": "Mozilla/5.0"}');
SELECT * FROM userdir.reset_password(:'ticket', 'Ninth-Boat-1');
SELECT pg_temp.is_password_of('ada', 'Eighth-Boat-1') AS new, userdir.get_user('auth0|ada') -> 'email_verified' AS email_verified, userdir.user_blocks_by_id('auth0|ada') AS blocks, (SELECT count(*) FROM userdir.tickets WHERE user_id = 'auth0|ada') AS tickets;
SELECT event FROM pg_temp.since() WHERE event !~ '^(fp|limit_wc) ';
-- Nobody, in words that only the log has; or who has no password here; or where users do not do this themselves.
SELECT userdir.request_password_change('shop', 'ghost@example.com', context => '{"ip": "192.0.2.7"}') AS ghost, userdir.request_password_change('shop', NULL) AS null, userdir.request_password_change('shop', '') AS empty, userdir.request_password_change('club', 'kim@example.com') AS club, userdir.request_password_change('shop', 'auth0|ada') AS user_id;
SELECT * FROM pg_temp.since();
SELECT userdir.request_password_change('shop', 'NoPass') IS NOT NULL AS by_username;
SELECT pg_temp.try(s) FROM unnest(ARRAY[
  $$SELECT userdir.request_password_change('nowhere', 'ada@example.com')$$, $$SELECT userdir.request_password_change('github', 'octo@example.com')$$, $$SELECT userdir.request_password_change('mail', 'letters@example.com')$$,
  $$SELECT userdir.request_password_change('shop', 'ada@example.com', ttl_sec => -1)$$, $$SELECT userdir.request_password_change('shop', 'ghost@example.com', ttl_sec => 31536001)$$, $$SELECT userdir.request_password_change('shop', 'ada@example.com', context => '[]')$$,
  $$SELECT userdir.create_password_change_ticket('auth0|nobody')$$, $$SELECT userdir.create_password_change_ticket(NULL)$$, $$SELECT userdir.create_password_change_ticket('github|7')$$, $$SELECT userdir.create_password_change_ticket('auth0|ada', connection => 'club')$$, $$SELECT userdir.create_password_change_ticket('auth0|ada', -1)$$,
  $$SELECT userdir.create_email_verification_ticket('auth0|nobody')$$, $$SELECT userdir.create_email_verification_ticket('email|letters')$$, $$SELECT userdir.create_email_verification_ticket('github|7', connection => 'github')$$, $$SELECT userdir.create_email_verification_ticket('auth0|ada', 31536001)$$]) s;
-- An administrator's ticket verifies the address only if it is told to.
SELECT userdir.update_user('auth0|ada', '{"email_verified": false}') -> 'email_verified' AS email_verified;
SELECT userdir.create_password_change_ticket('auth0|ada') AS ticket \gset
SELECT outcome, options FROM userdir.reset_password(:'ticket', 'Tenth-Boat-1');
SELECT userdir.get_user('auth0|ada') -> 'email_verified' AS email_verified;
SELECT userdir.create_password_change_ticket('auth0|ada', NULL, 'https://example.com/', 'shop', 'web', true) AS ticket \gset
SELECT outcome, options FROM userdir.reset_password(:'ticket', 'Eleventh-Boat-1');
SELECT userdir.get_user('auth0|ada') -> 'email_verified' AS email_verified;
-- One in a connection where users do not ask for it themselves.
SELECT userdir.create_password_change_ticket('auth0|kim', 0) AS ticket \gset
SELECT expires_at - created_at AS lifetime FROM userdir.tickets WHERE user_id = 'auth0|kim' AND purpose = 'password_change';
SELECT outcome FROM userdir.reset_password(:'ticket', 'Kims-Boat-4');

-- Only the latest is good; any change takes it back; one of the other purpose stays.
SELECT userdir.request_password_change('shop', 'ada') AS first \gset
SELECT userdir.create_email_verification_ticket('auth0|ada') AS verify \gset
SELECT userdir.create_password_change_ticket('auth0|ada') AS second \gset
SELECT outcome, description FROM userdir.reset_password(:'first', 'Twelfth-Boat-1');
SELECT outcome FROM userdir.reset_password(:'verify', 'Twelfth-Boat-1');
SELECT success FROM userdir.verify_email(:'second');
SELECT userdir.set_password('auth0|ada', 'Twelfth-Boat-1');
SELECT outcome FROM userdir.reset_password(:'second', 'Thirteenth-Boat-1');
SELECT userdir.create_password_change_ticket('auth0|ada') AS second \gset
SELECT outcome FROM userdir.change_password('shop', 'ada', 'Twelfth-Boat-1', 'Thirteenth-Boat-1');
SELECT outcome FROM userdir.reset_password(:'second', 'Fourteenth-Boat-1');
SELECT success, email FROM userdir.verify_email(:'verify');
SELECT pg_temp.is_password_of('ada', 'Thirteenth-Boat-1') AS unchanged;

-- Time runs out; the address changes; the user goes.
SELECT userdir.create_password_change_ticket('auth0|ada', 1) AS ticket \gset
SELECT pg_sleep(1.01);
SELECT outcome, description, user_id, options FROM userdir.reset_password(:'ticket', 'Fourteenth-Boat-1');
SELECT userdir.request_password_change('shop', 'ada@example.com') AS ticket \gset
SELECT userdir.update_user('auth0|ada', '{"email": "countess@example.com"}') -> 'email' AS email;
SELECT outcome, description, user_id, options FROM userdir.reset_password(:'ticket', 'Fourteenth-Boat-1');
SELECT userdir.get_user('auth0|ada') -> 'email_verified' AS email_verified;
SELECT userdir.request_password_change('shop', 'ada@example.com') IS NULL AS nobody;
SELECT userdir.create_user('shop', '{"email": "gone@example.com", "username": "gone", "user_id": "gone"}', 'Paper-Boat-1843') ->> 'user_id' AS user_id;
SELECT userdir.create_password_change_ticket('auth0|gone') AS ticket \gset
SELECT userdir.delete_user('auth0|gone');
SELECT outcome, description FROM userdir.reset_password(:'ticket', 'Fourteenth-Boat-1');
SELECT userdir.create_user('shop', '{"email": "gone@example.com", "username": "gone", "user_id": "gone"}') ->> 'user_id' AS user_id;
SELECT outcome FROM userdir.reset_password(:'ticket', 'Fourteenth-Boat-1') UNION ALL SELECT outcome FROM userdir.login('shop', 'gone', 'Paper-Boat-1843');

-- Forged, cut, mangled and long ones are all the same: not good, and no error.
SELECT userdir.create_password_change_ticket('auth0|ada') AS ticket \gset
SELECT userdir.create_password_change_ticket('auth0|kim') AS other \gset
SELECT t.what, r.outcome, r.description, v.success FROM (VALUES
  ('null', NULL), ('empty', ''), ('dot', '.'), ('dots', '..'), ('word', 'ticket'), ('user', split_part(:'ticket', '.', 1)), ('user and dot', split_part(:'ticket', '.', 1) || '.'), ('secret', split_part(:'ticket', '.', 2)), ('dot and secret', '.' || split_part(:'ticket', '.', 2)),
  ('one less', left(:'ticket', -1)), ('one more', :'ticket' || 'A'), ('padded', :'ticket' || '='), ('space', :'ticket' || ' '), ('newline', :'ticket' || E'\n'), ('before', ' ' || :'ticket'), ('lower', lower(:'ticket')), ('upper', upper(:'ticket')), ('third part', :'ticket' || '.x'), ('twice', :'ticket' || :'ticket'),
  ('another''s secret', split_part(:'ticket', '.', 1) || '.' || split_part(:'other', '.', 2)), ('another''s user', split_part(:'other', '.', 1) || '.' || split_part(:'ticket', '.', 2)), ('no base64', '%%%%.' || split_part(:'ticket', '.', 2)), ('no UTF-8', '_w.' || split_part(:'ticket', '.', 2)), ('NUL', 'AGF1dGgwfGFkYQ.' || split_part(:'ticket', '.', 2)), ('umlaut', 'ä.ö'),
  ('a user_id', 'auth0|ada'), ('a hash', (SELECT encode(token_hash, 'hex') FROM userdir.tickets WHERE user_id = 'auth0|kim' AND purpose = 'password_change')), ('quotes', $q$'; DROP TABLE userdir.users; --$q$), ('long', repeat('A', 4096)), ('long secret', left(split_part(:'ticket', '.', 1) || '.' || repeat('A', 4096), 4096)), ('many dots', repeat('.', 4096))) t (what, ticket),
  LATERAL userdir.reset_password(t.ticket, 'Fourteenth-Boat-1') r, LATERAL userdir.verify_email(t.ticket) v;
SELECT pg_temp.try(format('SELECT userdir.%s', call)) FROM (VALUES ('reset_password(repeat(''A'', 4097), ''x'')'), ('verify_email(repeat(''A'', 5000000))'), ('verify_email(''[redacted]'')')) t (call);
SELECT pg_temp.is_password_of('ada', 'Thirteenth-Boat-1') AS unchanged;
SELECT outcome FROM userdir.reset_password(:'ticket', 'Fourteenth-Boat-1');
-- Where a browser is sent in the end.
SELECT left(url, 40) AS url, pg_temp.try(format('SELECT userdir.create_password_change_ticket(%L, result_url => %L) IS NOT NULL', 'auth0|kim', url)), pg_temp.try(format('SELECT userdir.create_email_verification_ticket(%L, result_url => %L) IS NOT NULL', 'auth0|kim', url)) ~ '^22023' AS verification_refused,
       pg_temp.try(format('SELECT userdir.request_password_change(%L, %L, result_url => %L)', 'shop', 'nobody@example.com', url)) ~ '^22023' AS request_refused
  FROM unnest(ARRAY['javascript:alert(1)', 'JavaScript:alert(1)', 'data:text/html,x', 'foo bar', '/done', '', 'https://shop.example/a b', E'https://shop.example/\r\nx', 'https://shop.example/"x', 'https://shop.example/' || repeat('x', 2028),
                    'https://shop.example/' || repeat('x', 2027), 'com.example.shop:/done?a=b', 'https://shop.example/ä', NULL]) url;
SELECT pg_temp.try($$SELECT userdir.create_password_change_ticket(NULL)$$), pg_temp.try($$SELECT userdir.update_user(NULL, '{"name": "x"}')$$);
SELECT pg_temp.try($$SELECT userdir.reset_password('x', 'x', '[]')$$), pg_temp.try($$SELECT userdir.verify_email('x', '{"ip": "x"}')$$), pg_temp.try($$SELECT userdir.reset_password('x', repeat('x', 4097))$$);

-- Passwords that are known from a breach: no login, and the way out; none of them as a new one.
SELECT userdir.create_user('shop', '{"email": "lea@example.com", "username": "lea", "user_id": "lea"}', 'Paaf213XXYYZZ') ->> 'user_id' AS user_id;
SELECT userdir.update_attack_protection('breached-password-detection', '{"enabled": true, "shields": ["block"], "stage": {"pre-change-password": {"shields": ["block", "admin_notification"]}}}') -> 'enabled' AS enabled;
SELECT count(*) > 0 AS some FROM pg_temp.since();
SELECT outcome, user_id FROM userdir.login('shop', 'lea', 'Paaf213XXYYZZ');
SELECT outcome, description, user_id, report #>> '{name}' AS name FROM userdir.change_password('shop', 'lea', 'Paaf213XXYYZZ', 'Paat739!!WWXXYYZZ');
SELECT outcome, user_id FROM userdir.change_password('shop', 'lea', 'Paaf213XXYYZZ', 'Leas-Boat-1');
SELECT outcome, user_id FROM userdir.login('shop', 'lea', 'Leas-Boat-1');
SELECT * FROM pg_temp.since();
SELECT pg_temp.try($$SELECT userdir.set_password('auth0|lea', 'Paaf213XXYYZZ')$$);
SELECT userdir.request_password_change('shop', 'lea') AS ticket \gset
SELECT outcome FROM userdir.reset_password(:'ticket', 'Paaf213XXYYZZ') UNION ALL SELECT outcome FROM userdir.reset_password(:'ticket', 'Leas-Boat-2');
SELECT userdir.update_attack_protection('breached-password-detection', '{"enabled": false}') -> 'enabled' AS enabled;

-- A user with two identities that have passwords, and one whose only such identity is a linked one.
INSERT INTO userdir.identities (user_id, provider, provider_user_id, connection, is_primary, is_social, profile_data) VALUES
  ('auth0|ada', 'auth0', 'second', 'club', false, false, '{"email": "ada@club.example.com"}'), ('github|7', 'auth0', 'linked', 'club', false, false, '{"email": "octo@club.example.com"}');
INSERT INTO userdir.identifiers (value, kind, connection, user_id, provider, provider_user_id) VALUES
  ('ada@club.example.com', 'email', 'club', 'auth0|ada', 'auth0', 'second'), ('octo@club.example.com', 'email', 'club', 'github|7', 'auth0', 'linked');
SELECT userdir.set_password('auth0|ada', 'Primary-Boat-1'), userdir.set_password('auth0|ada', 'Secondary-Boat-1', 'club'), userdir.set_password('github|7', 'Linked-Boat-1');
SELECT pg_temp.is_password_of('ada', 'Primary-Boat-1') AS primary, pg_temp.is_password_of('ada@club.example.com', 'Secondary-Boat-1', 'club') AS secondary, pg_temp.is_password_of('octo@club.example.com', 'Linked-Boat-1', 'club') AS linked;
SELECT outcome, user_id FROM userdir.login('club', 'ada@club.example.com', 'Secondary-Boat-1') UNION ALL SELECT outcome, user_id FROM userdir.login('club', 'octo@club.example.com', 'Linked-Boat-1') UNION ALL SELECT outcome, user_id FROM userdir.login('club', 'ada@club.example.com', 'Primary-Boat-1');
SELECT outcome, user_id FROM userdir.change_password('club', 'ada@club.example.com', 'Secondary-Boat-1', 'Secondary-Boat-2');
SELECT pg_temp.is_password_of('ada', 'Primary-Boat-1') AS primary, pg_temp.is_password_of('ada@club.example.com', 'Secondary-Boat-2', 'club') AS secondary;
SELECT userdir.create_password_change_ticket('auth0|ada') AS first \gset
SELECT userdir.create_password_change_ticket('auth0|ada', connection => 'club', mark_email_as_verified => true) AS ticket \gset
SELECT outcome, user_id FROM userdir.reset_password(:'ticket', 'Secondary-Boat-3');
SELECT i.connection, i.profile_data FROM userdir.identities i WHERE i.user_id = 'auth0|ada' ORDER BY 1;
SELECT outcome, user_id FROM userdir.reset_password(:'first', 'Primary-Boat-2');
SELECT pg_temp.is_password_of('ada', 'Primary-Boat-2') AS primary, pg_temp.is_password_of('ada@club.example.com', 'Secondary-Boat-3', 'club') AS secondary;
-- The account goes: its password and tickets go, those of the rest stay. A ticket is never for another account than its own.
SELECT userdir.create_password_change_ticket('auth0|ada', connection => 'club') AS ticket \gset
UPDATE userdir.tickets SET email = NULL WHERE user_id = 'auth0|ada';
DELETE FROM userdir.identities WHERE user_id = 'auth0|ada' AND provider_user_id = 'second';
SELECT outcome, description FROM userdir.reset_password(:'ticket', 'Third-Boat-1');
INSERT INTO userdir.identities (user_id, provider, provider_user_id, connection, is_primary, is_social, profile_data) VALUES ('auth0|ada', 'auth0', 'second', 'club', false, false, '{"email": "ada@club.example.com"}');
SELECT userdir.delete_connection('club', true);
SELECT user_id, provider_user_id FROM userdir.credentials WHERE user_id IN ('auth0|ada', 'github|7');
SELECT count(*) FROM userdir.tickets WHERE provider_user_id IN ('second', 'linked');

-- Roles that have one bundle alone.
SET client_min_messages = warning;
DROP ROLE IF EXISTS ud_web, ud_desk;
CREATE ROLE ud_web; CREATE ROLE ud_desk;
RESET client_min_messages;
SELECT userdir.grant_to('ud_web', 'login'), userdir.grant_to('ud_desk', 'editor');
SET ROLE ud_web;
SELECT outcome FROM userdir.signup('shop', '{"email": "web@example.com", "username": "web"}', 'Webs-Boat-1');
SELECT outcome FROM userdir.change_password('shop', 'web', 'Webs-Boat-1', 'Webs-Boat-2');
SELECT userdir.request_password_change('shop', 'web@example.com') AS ticket \gset
SELECT outcome FROM userdir.reset_password(:'ticket', 'Webs-Boat-3') UNION ALL SELECT outcome FROM userdir.login('shop', 'web', 'Webs-Boat-3');
SELECT success FROM userdir.verify_email('x');
SELECT pg_temp.try($$SELECT userdir.set_password('auth0|ada', 'Own-The-World-1')$$) UNION ALL SELECT pg_temp.try($$SELECT userdir.create_password_change_ticket('auth0|ada')$$) UNION ALL SELECT pg_temp.try($$SELECT userdir.create_user('shop', '{}', 'x')$$) UNION ALL SELECT pg_temp.try($$SELECT * FROM userdir.tickets$$) UNION ALL SELECT pg_temp.try($$SELECT userdir._store_password(NULL::record, 'x', 0)$$);
RESET ROLE;
SET ROLE ud_desk;
SELECT userdir.set_password('auth0|ada', 'Desks-Boat-1'), userdir.create_password_change_ticket('auth0|ada') IS NOT NULL AS ticket, userdir.create_email_verification_ticket('auth0|ada') IS NOT NULL AS ticket, userdir.create_user('shop', '{"email": "desk@example.com", "username": "desk"}', 'Desks-Boat-2') ->> 'email' AS email;
SELECT pg_temp.try($$SELECT userdir.login('shop', 'ada', 'x')$$) UNION ALL SELECT pg_temp.try($$SELECT userdir.change_password('shop', 'ada', 'x', 'y')$$) UNION ALL SELECT pg_temp.try($$SELECT userdir.reset_password('x', 'y')$$) UNION ALL SELECT pg_temp.try($$SELECT * FROM userdir.credentials$$) UNION ALL SELECT pg_temp.try($$SELECT * FROM userdir.tickets$$) UNION ALL SELECT pg_temp.try($$SELECT * FROM userdir.logs$$);
RESET ROLE;
SELECT userdir.revoke_from('ud_web', 'login'), userdir.revoke_from('ud_desk', 'editor');
DROP ROLE ud_web, ud_desk;
-- No password, ticket or hash in the log.
SELECT count(*) > 100 AS many, count(*) FILTER (WHERE g::text ~* 'Boat|Paaf213|Paat739|Roofs|argon2|guess') AS found, count(*) FILTER (WHERE strpos(g::text, split_part(:'ticket', '.', 2)) > 0) AS tickets FROM userdir.logs g;
