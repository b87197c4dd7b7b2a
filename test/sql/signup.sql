-- Signing up: outcomes, what may be sent, the log, and that a refusal leaves nothing behind
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
-- Hashes as cheap as they may be: these tests make many.
SET userdir.password_memory = '7MB';
SELECT userdir.create_connection('shop', 'auth0') ->> 'name' AS name;
SELECT userdir.create_connection('club', 'auth0', '{"requires_username": true, "passwordPolicy": "good"}') ->> 'name' AS name;
SELECT userdir.create_connection('closed', 'auth0', '{"disable_signup": true}') ->> 'name' AS name;
SELECT userdir.create_connection('staff', 'auth0', '{"enabled_clients": ["back-office"]}') ->> 'name' AS name;
SELECT userdir.create_connection('github', 'github') ->> 'name' AS name UNION ALL SELECT userdir.create_connection('mail', 'email') ->> 'name' UNION ALL SELECT userdir.create_connection('partner', 'samlp') ->> 'name';

-- What a sign-up is told, what it leaves in the log, and how many rows more there are in each table.
CREATE FUNCTION pg_temp.rows_of_users() RETURNS integer[] LANGUAGE sql AS $$
  SELECT ARRAY[(SELECT count(*) FROM userdir.users), (SELECT count(*) FROM userdir.identities), (SELECT count(*) FROM userdir.identifiers),
               (SELECT count(*) FROM userdir.credentials), (SELECT count(*) FROM userdir.tickets), (SELECT count(*) FROM userdir.password_history)]::integer[] $$;
CREATE FUNCTION pg_temp.attempt(connection text, profile jsonb, password text, client_id text DEFAULT NULL, context jsonb DEFAULT '{"ip": "192.0.2.7"}')
  RETURNS TABLE (outcome text, description text, new_user boolean, ticket boolean, refused text[], logged text, more_rows text) LANGUAGE plpgsql AS $$
DECLARE
  before text[] := ARRAY(SELECT g.log_id FROM userdir.logs g);
  counts integer[] := pg_temp.rows_of_users();
  s record;
BEGIN
  s := userdir.signup(connection, profile, password, client_id, context);
  RETURN QUERY SELECT s.outcome, s.description, s.user_id IS NOT NULL, s.verification_ticket IS NOT NULL,
                      (SELECT array_agg(r ->> 'code') FROM jsonb_array_elements(s.report #> '{description,rules}') r WHERE NOT (r -> 'verified')::boolean),
                      (SELECT string_agg(concat_ws(' ', g.type, CASE WHEN g.user_id = s.user_id THEN 'new' ELSE g.user_id END, g.user_name, g.connection, host(g.ip), g.details), ', ' ORDER BY g.date, g.log_id)
                         FROM userdir.logs g WHERE g.log_id <> ALL (before)),
                      (SELECT string_agg((n - o)::text, ' ' ORDER BY place) FROM unnest(counts, pg_temp.rows_of_users()) WITH ORDINALITY c (o, n, place));
END $$;
\x on
SELECT * FROM pg_temp.attempt('shop', '{"email": "Ada@Example.com", "name": "Ada", "given_name": "Ada", "family_name": "L", "nickname": "a", "picture": "https://example.com/a.png", "user_metadata": {"lang": "en", "theme": "dark"}}', 'Paper-Boat-1843');
SELECT pg_temp.show(userdir.get_users_by_email('ada@example.com') -> 0 #- '{identities,0,user_id}' #- '{user_id}') AS ada;
SELECT outcome, user_id IS NOT NULL AS known, notices FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
SELECT userdir.get_users_by_email('ada@example.com') #> '{0,last_password_reset}' AS last_password_reset;
-- The same address again, in any spelling; then another password tells nothing of the first.
SELECT * FROM pg_temp.attempt('shop', '{"email": "ADA@example.com"}', 'Another-Boat-1');
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Another-Boat-1');
-- In another connection it is free.
SELECT * FROM pg_temp.attempt('club', '{"email": "ada@example.com", "username": "Ada"}', 'Paper-Boat-1843');
SELECT * FROM pg_temp.attempt('club', '{"email": "other@example.com", "username": "ADA"}', 'Paper-Boat-1843');
SELECT * FROM pg_temp.attempt('club', '{"email": "ada@example.com", "username": "other"}', 'Paper-Boat-1843');
SELECT * FROM pg_temp.attempt('club', '{"email": "ada@example.com", "username": "ada"}', 'Paper-Boat-1843');
-- Refused by the policy, with the report that check_password_policy() gives.
SELECT * FROM pg_temp.attempt('club', '{"email": "bob@example.com", "username": "bob"}', 'bob');
SELECT * FROM pg_temp.attempt('club', '{"email": "bob@example.com", "username": "bob"}', '');
SELECT * FROM pg_temp.attempt('club', '{"email": "bob@example.com", "username": "bob"}', NULL);
SELECT * FROM pg_temp.attempt('shop', '{"email": "bob@example.com"}', '');
SELECT * FROM pg_temp.attempt('shop', '{"email": "bob@example.com"}', NULL);
SELECT s.report -> 'description' = userdir.check_password_policy('club', '{"email": "bob@example.com", "username": "bob"}', 'bob') AS same, s.report
  FROM userdir.signup('club', '{"email": "bob@example.com", "username": "bob"}', 'bob') s;
-- A weak password is told before a name that is taken, so that it says nothing of who exists.
SELECT * FROM pg_temp.attempt('club', '{"email": "ada@example.com", "username": "ada"}', 'ada');
SELECT userdir.update_connection('club', '{"options": {"requires_username": true, "password_no_personal_info": {"enable": true}, "password_dictionary": {"enable": true}, "password_history": {"enable": true, "size": 3}}}') ->> 'name' AS name;
SELECT * FROM pg_temp.attempt('club', '{"email": "bob@example.com", "username": "bob", "name": "Robert"}', 'xx-roBERT-xx');
SELECT * FROM pg_temp.attempt('club', '{"email": "bob@example.com", "username": "bob", "user_metadata": {"first": "Benjamin"}}', 'xx-Benjamin-xx');
SELECT * FROM pg_temp.attempt('club', '{"email": "bob@example.com", "username": "bob", "user_metadata": {"first": "Benjamin"}}', 'Steam-And-Cogs-1815');
SELECT * FROM pg_temp.attempt('club', '{"email": "bob@example.com", "username": "bob"}', 'password1');
SELECT * FROM pg_temp.attempt('club', '{"email": "bob@example.com", "username": "bob"}', 'Rain-On-Tin-Roofs-7');
-- Not here, not for this client.
SELECT * FROM pg_temp.attempt('closed', '{"email": "bob@example.com"}', 'Rain-On-Tin-Roofs-7');
SELECT * FROM pg_temp.attempt('staff', '{"email": "bob@example.com"}', 'Rain-On-Tin-Roofs-7');
SELECT * FROM pg_temp.attempt('staff', '{"email": "bob@example.com"}', 'Rain-On-Tin-Roofs-7', 'web');
SELECT * FROM pg_temp.attempt('staff', '{"email": "bob@example.com"}', 'Rain-On-Tin-Roofs-7', 'back-office');
-- An administrator still creates users where nobody signs up.
SELECT userdir.create_user('closed', '{"email": "bob@example.com", "user_id": "bob"}', 'Rain-On-Tin-Roofs-7') ->> 'user_id' AS user_id;
SELECT outcome FROM userdir.login('closed', 'bob@example.com', 'Rain-On-Tin-Roofs-7');
\x off

\pset format unaligned
-- Misuse raises, and nothing is counted or logged.
SELECT count(*) AS events FROM userdir.logs \gset
SELECT pg_temp.rows_of_users() AS rows \gset
SELECT p.profile, pg_temp.try(format('SELECT userdir.signup(%L, %L, ''Paper-Boat-1843'', context => ''{"ip": "192.0.2.77"}'')', p.connection, p.profile)) FROM (VALUES
  ('shop', NULL::text), ('shop', 'null'), ('shop', '[]'), ('shop', '"x"'), ('shop', '7'), ('shop', '{}'), ('shop', '{"email": null}'), ('shop', '{"email": 7}'), ('shop', '{"email": "x"}'), ('shop', '{"email": ""}'),
  ('shop', '{"email": "a@example.com", "password": "x"}'), ('shop', '{"email": "a@example.com", "app_metadata": {"plan": "gold"}}'), ('shop', '{"email": "a@example.com", "blocked": false}'),
  ('shop', '{"email": "a@example.com", "email_verified": true}'), ('shop', '{"email": "a@example.com", "user_id": "x"}'), ('shop', '{"email": "a@example.com", "connection": "shop"}'), ('shop', '{"email": "a@example.com", "identities": []}'),
  ('shop', '{"email": "a@example.com", "username": "a"}'), ('club', '{"email": "a@example.com"}'), ('club', '{"username": "a"}'), ('club', '{"email": "a@example.com", "username": "a@example.com"}'), ('shop', '{"email": "a@example.com", "picture": "x"}'),
  ('shop', '{"email": "a@example.com", "name": ""}'), ('shop', '{"email": "a@example.com", "phone_number": "x"}'), ('shop', '{"email": "a@example.com", "user_metadata": null}'), ('shop', '{"email": "a@example.com", "user_metadata": []}'), ('shop', '{"email": "a@example.com", "user_metadata": "x"}'),
  ('nowhere', '{"email": "a@example.com"}'), (NULL, '{"email": "a@example.com"}'), ('github', '{"email": "a@example.com"}'), ('mail', '{"email": "a@example.com"}'), ('partner', '{"email": "a@example.com"}')) p (connection, profile);
SELECT pg_temp.try($$SELECT userdir.signup('shop', '{"email": "a@example.com"}', repeat('x', 4097))$$) AS long_password;
SELECT pg_temp.try($$SELECT userdir.signup('shop', '{"email": "a@example.com"}', 'Paper-Boat-1843', context => '[]')$$) AS context, pg_temp.try($$SELECT userdir.signup('shop', '{"email": "a@example.com"}', 'Paper-Boat-1843', context => '{"ip": "here"}')$$) AS ip;
SELECT count(*) - :events AS more_events FROM userdir.logs;
SELECT pg_temp.rows_of_users() = :'rows' AS no_rows;
SELECT userdir.ip_block('192.0.2.77') AS blocked;

-- Metadata: up to 10 strings, each shorter than 500 characters, under names shorter than 100.
CREATE FUNCTION pg_temp.with_metadata(metadata jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.try(format('SELECT userdir.signup(''shop'', %L, ''Paper-Boat-1843'')', jsonb_build_object('email', md5(metadata::text) || '@example.com', 'user_metadata', metadata))) $$;
SELECT pg_temp.with_metadata('{}') AS none, pg_temp.with_metadata((SELECT jsonb_object_agg('k' || n, 'v') FROM generate_series(1, 10) n)) AS ten;
SELECT pg_temp.with_metadata((SELECT jsonb_object_agg('k' || n, 'v') FROM generate_series(1, 11) n)) AS eleven;
SELECT pg_temp.with_metadata(jsonb_build_object('k', repeat('ä', 499))) AS value_499, pg_temp.with_metadata(jsonb_build_object(repeat('ä', 99), 'v')) AS name_99;
SELECT pg_temp.with_metadata(jsonb_build_object('k', repeat('x', 500))) AS value_500;
SELECT pg_temp.with_metadata(jsonb_build_object(repeat('x', 100), 'v')) AS name_100;
SELECT m.value AS metadata, pg_temp.with_metadata(m.value::jsonb) FROM (VALUES ('{"k": 1}'), ('{"k": true}'), ('{"k": null}'), ('{"k": {}}'), ('{"k": ["x"]}'), ('{"a.b": "x"}'), ('{"$a": "x"}')) m (value);
SELECT pg_temp.with_metadata('{"k": "a.b$c", "": "empty name"}') AS allowed;

-- Verification: the ticket is good once.
SELECT verification_ticket AS ticket, user_id AS eve FROM userdir.signup('shop', '{"email": "eve@example.com"}', 'Paper-Boat-1843', 'web') \gset
SELECT userdir.get_user(:'eve') -> 'email_verified' AS email_verified;
SELECT success, message, user_id = :'eve' AS is_eve, email, options FROM userdir.verify_email(:'ticket', '{"ip": "192.0.2.9", "user_agent": "Mozilla/5.0"}');
SELECT userdir.get_user(:'eve') -> 'email_verified' AS email_verified;
SELECT * FROM userdir.verify_email(:'ticket');
SELECT type, user_id = :'eve' AS is_eve, user_name, client_id, ip, user_agent, description FROM userdir.logs WHERE type IN ('svr', 'sv', 'fv') ORDER BY date DESC, log_id DESC LIMIT 3;
SELECT outcome FROM userdir.reset_password(:'ticket', 'Another-Boat-1');
-- A later one replaces it, and an address that was changed.
SELECT verification_ticket AS ticket, user_id AS eva FROM userdir.signup('shop', '{"email": "eva@example.com"}', 'Paper-Boat-1843') \gset
SELECT userdir.create_email_verification_ticket(:'eva', 0, 'https://shop.example.com/done', client_id => 'web') AS later \gset
SELECT success, message FROM userdir.verify_email(:'ticket');
SELECT userdir.update_user(:'eva', '{"email": "new@example.com"}') ->> 'email' AS email;
SELECT success, message, user_id, email, options FROM userdir.verify_email(:'later');
SELECT userdir.get_user(:'eva') -> 'email_verified' AS email_verified;
SELECT userdir.update_user(:'eva', '{"email": "eva@example.com"}') ->> 'email' AS email;
SELECT success, email, options FROM userdir.verify_email(:'later');

-- Sign-ups of one address are counted, also those that succeed; logins are not counted with them.
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"stage": {"pre-user-registration": {"max_attempts": 3}}}') #> '{stage,pre-user-registration}' AS stage;
SELECT n, s.outcome, s.description FROM generate_series(1, 5) n, LATERAL userdir.signup('shop', jsonb_build_object('email', 'n' || n || '@example.com'), 'Paper-Boat-1843', context => '{"ip": "203.0.113.9"}') s;
SELECT outcome FROM userdir.login('shop', 'n1@example.com', 'Paper-Boat-1843', context => '{"ip": "203.0.113.9"}');
SELECT outcome FROM userdir.signup('shop', '{"email": "n6@example.com"}', 'Paper-Boat-1843', context => '{"ip": "203.0.113.10"}');
SELECT userdir.ip_block('203.0.113.9') AS blocked, userdir.user_blocks('n4@example.com') AS no_block_of_the_address;
SELECT type, user_name, ip, description, details FROM userdir.logs WHERE ip = '203.0.113.9' AND type IN ('limit_mu', 'fs') ORDER BY date, log_id;
SELECT userdir.unblock_ip('203.0.113.9') AS unblocked;
SELECT outcome FROM userdir.signup('shop', '{"email": "n4@example.com"}', 'Paper-Boat-1843', context => '{"ip": "203.0.113.9"}');
-- Refused ones count as well: a taken name, a weak password. Where nobody may sign up nothing is counted.
SELECT (userdir.signup('shop', '{"email": "n4@example.com"}', p, context => '{"ip": "203.0.113.11"}')).outcome FROM unnest(ARRAY['Paper-Boat-1843', '', 'x', 'y']) p;
SELECT (userdir.signup('closed', '{"email": "n4@example.com"}', 'x', context => '{"ip": "203.0.113.12"}')).outcome FROM generate_series(1, 4);
-- Without the shield they are reported, and go on.
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"shields": ["admin_notification"]}') -> 'shields' AS shields;
SELECT outcome FROM userdir.signup('shop', '{"email": "n7@example.com"}', 'Paper-Boat-1843', context => '{"ip": "203.0.113.11"}');

-- Passwords that are known from a breach: told to the log, or refused.
SELECT userdir.update_attack_protection('breached-password-detection', '{"enabled": true, "shields": ["admin_notification"], "stage": {"pre-user-registration": {"shields": ["admin_notification"]}}}') -> 'enabled' AS enabled;
\x on
SELECT * FROM pg_temp.attempt('shop', '{"email": "lea@example.com"}', 'Paaf213XXYYZZ', context => '{"ip": "192.0.2.8"}');
SELECT userdir.update_attack_protection('breached-password-detection', '{"stage": {"pre-user-registration": {"shields": ["block", "admin_notification"]}}}') -> 'enabled' AS enabled;
SELECT * FROM pg_temp.attempt('shop', '{"email": "leo@example.com"}', 'Paaf213XXYYZZ', context => '{"ip": "192.0.2.8"}');
\x off
SELECT report FROM userdir.signup('shop', '{"email": "leo@example.com"}', 'Paaf213XXYYZZ');
SELECT userdir.update_attack_protection('breached-password-detection', '{"enabled": false}') -> 'enabled' AS enabled;

-- Users whom an administrator creates with a password: what signup() returns is raised.
SELECT pg_temp.rows_of_users() AS rows \gset
SELECT p.profile, pg_temp.try(format('SELECT userdir.create_user(%L, %L, %L)', p.connection, p.profile, p.password)) FROM (VALUES
  ('club', '{"email": "carl@example.com", "username": "carl"}', 'password1'), ('club', '{"email": "carl@example.com", "username": "carl"}', ''), ('club', '{"email": "carl@example.com", "username": "carl"}', NULL),
  ('club', '{"email": "carl@example.com", "username": "carl", "name": "Carlos"}', 'xx-carlos-xx'),
  ('club', '{"email": "carl@example.com", "username": "carl", "user_metadata": {"last": "Carlson"}}', 'xx-carlson-xx'),
  ('shop', '{"email": "ada@example.com"}', 'Paper-Boat-1843'), ('shop', '{"email": "x"}', 'Paper-Boat-1843'), ('shop', '{}', 'Paper-Boat-1843'), ('shop', 'null', 'Paper-Boat-1843'), ('shop', '"x"', 'Paper-Boat-1843'), ('shop', '[1]', 'Paper-Boat-1843'), ('shop', NULL, 'Paper-Boat-1843'),
  ('shop', '{"email": "carl@example.com", "password": "x"}', 'Paper-Boat-1843'), ('github', '{"email": "carl@example.com"}', 'Paper-Boat-1843'), ('mail', '{"email": "carl@example.com"}', 'Paper-Boat-1843'), ('nowhere', '{"email": "carl@example.com"}', 'Paper-Boat-1843')) p (connection, profile, password);
SELECT pg_temp.try($$SELECT userdir.create_user('shop', '{"email": "carl@example.com"}', repeat('x', 4097))$$) AS long_password;
SELECT pg_temp.rows_of_users() = :'rows' AS no_rows;
SELECT pg_temp.show(userdir.create_user('club', '{"email": "carl@example.com", "username": "carl", "user_id": "carl", "blocked": true, "app_metadata": {"plan": "gold"}, "email_verified": true}', 'Paper-Boat-1843')) AS carl;
SELECT outcome FROM userdir.login('club', 'carl', 'Paper-Boat-1843');
SELECT outcome FROM userdir.login('club', 'carl', 'paper-boat-1843');
-- No password and no ticket stands anywhere in the log.
SELECT count(*) AS found FROM userdir.logs g WHERE g::text ~* 'Paper-Boat|Another-Boat|Rain-On-Tin|Paaf213|argon2' OR strpos(g::text, :'ticket') > 0 OR strpos(g::text, :'later') > 0;
-- The database has no ticket either, only what it hashes to.
SELECT count(*) AS found FROM userdir.tickets t WHERE strpos(t::text, split_part(:'ticket', '.', 2)) > 0 OR strpos(t::text, split_part(:'later', '.', 2)) > 0;
