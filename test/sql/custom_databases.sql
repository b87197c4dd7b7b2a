-- Custom databases: registering actions, what runs in which mode, and what it leads to
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set custom_database :abs_srcdir '/custom_database.sql'
\i :custom_database
SET userdir.password_memory = '7MB';
SELECT userdir.create_connection(n, 'auth0') ->> 'name' AS connection FROM unnest('{import,legacy,plain}'::text[]) n;

-- Registering.
SELECT pg_temp.try($$SELECT userdir.set_custom_database('nowhere', 'off')$$);
SELECT pg_temp.try($$SELECT userdir.set_custom_database('import', 'half')$$);
SELECT pg_temp.try($$SELECT userdir.set_custom_database('import', 'import')$$);
SELECT pg_temp.try($$SELECT userdir.set_custom_database('import', 'legacy')$$);
SELECT pg_temp.try($$SELECT userdir.set_custom_database('import', 'import', login => 'legacy.login')$$);
SELECT jsonb_pretty(userdir.set_custom_database('import', 'import', login => 'legacy.login', get_user => 'legacy.get_user', create_user => 'legacy.create_account',
  verify => 'legacy.verify', change_password => 'legacy.change_password', delete_user => 'legacy.delete_account', change_email => 'legacy.change_email') -> 'options') AS options;
SELECT userdir.set_custom_database('legacy', 'legacy', login => '"legacy" . login', get_user => 'Legacy.Get_User') #> '{options,customScripts}' AS names;
SELECT pg_temp.try($$SELECT userdir.set_custom_database('legacy', login => '')$$);
SELECT userdir.set_custom_database('legacy', create_user => 'legacy.create_account', verify => 'legacy.verify') #> '{options,customScripts}' AS added;
SELECT userdir.set_custom_database('legacy', verify => '') #> '{options,customScripts}' AS removed;
-- By the options, as in the model.
SELECT userdir.update_connection('plain', '{"options": {"enabledDatabaseCustomization": true, "import_mode": false, "customScripts": {"login": "legacy.login", "get_user": null}}}') #> '{options,customScripts}' AS scripts;
SELECT pg_temp.try(format('SELECT userdir.update_connection(''plain'', %L)', jsonb_build_object('options', o)))
  FROM (VALUES (1, '{"enabledDatabaseCustomization": "yes"}'::jsonb), (2, '{"import_mode": 1}'), (3, '{"customScripts": []}'), (4, '{"customScripts": {"sign_in": "legacy.login"}}'),
               (5, '{"customScripts": {"login": 7}}'), (6, '{"customScripts": {"login": "function login(email, password, callback) { callback(null, {}); }"}}'),
               (7, '{"custom_scripts": {}}')) v (n, o) ORDER BY n;
SELECT userdir.update_connection('plain', '{"options": {}}') -> 'options' AS options;

-- Functions that are none.
CREATE FUNCTION public.nothing(login text) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
CREATE FUNCTION public.as_text(login text, password text, context jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
CREATE FUNCTION public.as_rows(login text, password userdir.secret, context jsonb) RETURNS SETOF jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
CREATE FUNCTION public.as_boolean(login text, password userdir.secret, context jsonb) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE PROCEDURE public.as_procedure(login text, password userdir.secret) LANGUAGE sql AS 'SELECT 1';
SELECT f AS function, pg_temp.try(format('SELECT userdir.set_custom_database(''plain'', login => %L)', f))
  FROM unnest('{login,legacy.nothing,nowhere.login,public.nothing,public.as_text,public.as_rows,public.as_boolean,public.as_procedure,a.b.c,legacy.login(text),"",legacy.,"legacy.login; DROP TABLE x"}'::text[]) f;
SELECT pg_temp.try(format('SELECT userdir.set_custom_database(''plain'', login => %L)', repeat('x', 5000)));

-- Mode import. A wrong password, an unknown user, the right password: once there, then here.
CREATE FUNCTION pg_temp.login(connection text, identifier text, password text, ip text DEFAULT '192.0.2.7')
  RETURNS TABLE (outcome text, description text, user_id text) LANGUAGE sql AS $$
  SELECT outcome, description, user_id FROM userdir.login(connection, identifier, password, context => jsonb_build_object('ip', ip)) $$;
SELECT * FROM pg_temp.login('import', 'ann@example.com', 'guess');
SELECT legacy.trace();
SELECT * FROM pg_temp.login('import', 'nobody@example.com', 'guess');
SELECT legacy.trace();
SELECT count(*) FROM userdir.users;
SELECT * FROM pg_temp.login('import', 'Ann@Example.com', 'ann-Old-Boat-1');
SELECT legacy.trace();
SELECT pg_temp.show(userdir.get_user('auth0|ann') - '{last_login}'::text[]);
SELECT (userdir.password_hash_info(hash)) ->> 'scheme' AS scheme FROM userdir.credentials;
SELECT * FROM pg_temp.login('import', 'ann@example.com', 'ann-Old-Boat-1');
SELECT * FROM pg_temp.login('import', 'ann@example.com', 'guess');
SELECT legacy.trace();
-- By another name: the action knows the user, who is here already, with the password that is here.
SELECT * FROM pg_temp.login('import', 'ann', 'ann-Old-Boat-1');
SELECT userdir.set_password('auth0|ann', 'ann-New-Boat-2');
SELECT * FROM pg_temp.login('import', 'ann', 'ann-Old-Boat-1');
SELECT * FROM pg_temp.login('import', 'ann', 'ann-New-Boat-2');
SELECT * FROM pg_temp.login('import', 'ann@example.com', 'ann-Old-Boat-1');
SELECT * FROM pg_temp.login('import', 'ann@example.com', 'ann-New-Boat-2');
SELECT legacy.trace();
-- Checking a password imports as well; so does changing it.
SELECT outcome, user_id FROM userdir.authenticate_password('import', 'ben@example.com', 'ben-Old-Boat-1');
SELECT outcome, user_id FROM userdir.change_password('import', 'cyd@example.com', 'cyd-Old-Boat-1', 'cyd-New-Boat-2');
SELECT legacy.trace();
SELECT * FROM pg_temp.login('import', 'cyd@example.com', 'cyd-New-Boat-2');
SELECT legacy.trace();
-- Ten wrong passwords are counted for users who are not here yet.
SELECT (pg_temp.login('import', 'dan@example.com', 'guess', '192.0.2.9')).outcome FROM generate_series(1, 10);
SELECT * FROM pg_temp.login('import', 'dan@example.com', 'dan-Old-Boat-1', '192.0.2.9');
SELECT count(*) AS asked FROM legacy.calls;
SELECT length(legacy.trace()) > 0 AS traced;
-- Signing up: whoever is there has an account already; new users are here alone.
SELECT outcome, description, user_id FROM userdir.signup('import', '{"email": "dan@example.com"}', 'Some-Boat-1');
SELECT legacy.trace();
SELECT outcome, user_id ~ '^auth0.[0-9a-f]{24}$' AS id, verification_ticket IS NOT NULL AS ticket FROM userdir.signup('import', '{"email": "new@example.com"}', 'Some-Boat-1');
SELECT regexp_replace(legacy.trace(), '[0-9a-f]{24}', 'ID', 'g');
SELECT pg_temp.try($$SELECT userdir.create_user('import', '{"email": "dan@example.com"}', 'Some-Boat-1')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('import', '{"email": "dan@example.com"}')$$);
SELECT userdir.create_user('import', '{"email": "newer@example.com", "user_id": "newer"}', 'Some-Boat-1') ->> 'user_id' AS created;
SELECT legacy.trace();
-- An address that somebody has who is still there.
SELECT pg_temp.try($$SELECT userdir.update_user('auth0|newer', '{"email": "eve@example.com"}')$$);
SELECT userdir.update_user('auth0|newer', '{"email": "free@example.com"}') ->> 'email' AS email;
SELECT userdir.update_user('auth0|newer', '{"name": "Newer"}') ->> 'name' AS name;
SELECT legacy.trace();
-- Deleted here, the user stays there, and may come again.
SELECT userdir.delete_user('auth0|ben');
SELECT legacy.trace();
SELECT * FROM pg_temp.login('import', 'ben@example.com', 'ben-Old-Boat-1');
SELECT legacy.trace();

-- A forgotten password before the first login.
SELECT userdir.request_password_change('import', 'nobody@example.com') IS NULL AS none;
SELECT userdir.request_password_change('import', 'EVE@example.com', 'web', result_url => 'https://shop.example.com/') AS ticket \gset
SELECT legacy.trace();
SELECT count(*) FILTER (WHERE user_id = 'auth0|eve') AS users, (SELECT jsonb_agg(jsonb_build_array(t.user_id, t.connection, t.login)) FROM userdir.migration_tickets t) AS tickets FROM userdir.users;
-- Who merely asked for a ticket has changed nothing.
SELECT (userdir.authenticate_password('import', 'eve@example.com', 'wrong')).outcome;
SELECT outcome, description, report ->> 'code' AS code FROM userdir.reset_password(:'ticket', '');
SELECT outcome, user_id, options FROM userdir.reset_password(:'ticket', 'eve-New-Boat-2');
SELECT legacy.trace();
SELECT outcome, description, user_id FROM userdir.reset_password(:'ticket', 'eve-Newer-Boat-3');
SELECT * FROM pg_temp.login('import', 'eve@example.com', 'eve-New-Boat-2');
SELECT * FROM pg_temp.login('import', 'eve@example.com', 'eve-Old-Boat-1');
SELECT u.email_verified, u.app_metadata, l.last_password_reset IS NOT NULL AS reset FROM userdir.users u JOIN userdir.user_logins l USING (user_id) WHERE user_id = 'auth0|eve';
SELECT legacy.trace();
-- The user comes here between the request and the reset; a later ticket replaces an earlier one.
SELECT userdir.request_password_change('import', 'fay@example.com') AS first \gset
SELECT userdir.request_password_change('import', 'fay@example.com') AS second \gset
SELECT * FROM pg_temp.login('import', 'fay@example.com', 'fay-Old-Boat-1');
SELECT outcome, description FROM userdir.reset_password(:'first', 'fay-New-Boat-2');
SELECT outcome, user_id FROM userdir.reset_password(:'second', 'fay-New-Boat-2');
SELECT * FROM pg_temp.login('import', 'fay@example.com', 'fay-Old-Boat-1');
SELECT * FROM pg_temp.login('import', 'fay@example.com', 'fay-New-Boat-2');
-- The account is gone between, or the ticket has expired.
SELECT userdir.request_password_change('import', 'gus@example.com') AS ticket \gset
UPDATE legacy.accounts SET email = 'gone@example.com' WHERE id = 'gus';
SELECT outcome, description FROM userdir.reset_password(:'ticket', 'gus-New-Boat-2');
UPDATE legacy.accounts SET email = 'gus@example.com' WHERE id = 'gus';
UPDATE userdir.migration_tickets SET expires_at = now() - interval '1 second';
SELECT outcome, description FROM userdir.reset_password(:'ticket', 'gus-New-Boat-2');
SELECT userdir.request_password_change('import', 'hal@example.com') IS NOT NULL AS asked;
SELECT t.user_id FROM userdir.migration_tickets t;
SELECT length(legacy.trace()) > 0 AS traced;

-- Mode legacy: every login asks, and no hash is kept.
SELECT userdir.set_custom_database('legacy', verify => 'legacy.verify') IS NOT NULL AS set;
UPDATE legacy.accounts SET id = 'l-' || id;
SELECT * FROM pg_temp.login('legacy', 'ann@example.com', 'guess');
SELECT * FROM pg_temp.login('legacy', 'nobody@example.com', 'guess');
SELECT * FROM pg_temp.login('legacy', 'ann@example.com', 'ann-Old-Boat-1');
SELECT legacy.trace();
UPDATE legacy.accounts SET name = 'Ann Two', verified = true WHERE id = 'l-ann';
SELECT * FROM pg_temp.login('legacy', 'ann@example.com', 'ann-Old-Boat-1');
SELECT legacy.trace();
SELECT name, email_verified, app_metadata, (SELECT count(*) FROM userdir.credentials k WHERE k.user_id = u.user_id) AS hashes FROM userdir.users u WHERE user_id = 'auth0|l-ann';
SELECT userdir.update_user('auth0|l-ann', '{"blocked": true}') ->> 'blocked' AS blocked;
SELECT * FROM pg_temp.login('legacy', 'ann@example.com', 'ann-Old-Boat-1');
SELECT logins_count FROM userdir.user_logins WHERE user_id = 'auth0|l-ann';
SELECT userdir.update_user('auth0|l-ann', '{"blocked": false}') ->> 'blocked' AS blocked;
SELECT length(legacy.trace()) > 0 AS traced;
-- Signing up: get_user, create, login.
SELECT outcome, description, user_id FROM userdir.signup('legacy', '{"email": "ann@example.com"}', 'Some-Boat-1');
SELECT outcome, description, user_id FROM userdir.signup('legacy', '{"email": "x@blocked.example"}', 'Some-Boat-1');
SELECT outcome, description, user_id, verification_ticket IS NOT NULL AS ticket FROM userdir.signup('legacy', '{"email": "New@example.com", "name": "New", "user_metadata": {"a": "b"}}', 'Some-Boat-1', 'web');
SELECT legacy.trace();
SELECT asked FROM legacy.accounts WHERE id = 'new-new@example.com';
SELECT pg_temp.try($$SELECT userdir.create_user('legacy', '{"email": "ann@example.com"}', 'Some-Boat-1')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('legacy', '{"email": "x@blocked.example"}', 'Some-Boat-1')$$);
SELECT userdir.create_user('legacy', '{"email": "made@example.com", "app_metadata": {"x": 1}}', 'Some-Boat-1') ->> 'user_id' AS created;
SELECT legacy.trace();
SELECT * FROM pg_temp.login('legacy', 'made@example.com', 'Some-Boat-1');
-- Verifying an address does not change the profile; the next login does.
SELECT userdir.create_email_verification_ticket('auth0|new-new@example.com') AS ticket \gset
SELECT success, message, user_id FROM userdir.verify_email(:'ticket');
SELECT email_verified FROM userdir.users WHERE user_id = 'auth0|new-new@example.com';
SELECT success, message FROM userdir.verify_email(:'ticket');
SELECT * FROM pg_temp.login('legacy', 'new@example.com', 'Some-Boat-1');
SELECT email_verified FROM userdir.users WHERE user_id = 'auth0|new-new@example.com';
-- Without the action that it takes.
SELECT length(legacy.trace()) > 0 AS traced;
SELECT pg_temp.try($$SELECT userdir.set_password('auth0|l-ann', 'ann-New-Boat-2')$$);
SELECT pg_temp.try($$SELECT userdir.delete_user('auth0|l-ann')$$);
SELECT pg_temp.try($$SELECT userdir.update_user('auth0|l-ann', '{"email": "a@example.com"}')$$);
SELECT outcome, description, user_id FROM userdir.change_password('legacy', 'ann@example.com', 'ann-Old-Boat-1', 'ann-New-Boat-2');
SELECT legacy.trace();
-- Passwords.
SELECT userdir.set_custom_database('legacy', change_password => 'legacy.change_password', delete_user => 'legacy.delete_account', change_email => 'legacy.change_email') IS NOT NULL AS set;
SELECT userdir.set_password('auth0|l-ann', 'ann-New-Boat-2');
SELECT outcome, user_id FROM userdir.change_password('legacy', 'ann@example.com', 'ann-New-Boat-2', 'ann-Newer-Boat-3');
SELECT legacy.trace();
SELECT userdir.request_password_change('legacy', 'ann@example.com') AS ticket \gset
SELECT outcome, user_id FROM userdir.reset_password(:'ticket', 'ann-Fourth-Boat-4');
SELECT outcome FROM userdir.reset_password(:'ticket', 'ann-Fourth-Boat-4');
SELECT * FROM pg_temp.login('legacy', 'ann@example.com', 'ann-Fourth-Boat-4');
SELECT legacy.trace();
SELECT pg_temp.try($$SELECT userdir.set_password_hash('auth0|l-ann', '{MD5}X03MO1qnZdYdgyfeuILPmQ==')$$);
-- Of somebody who has never logged in.
SELECT userdir.request_password_change('legacy', 'ben@example.com') AS ticket \gset
SELECT count(*) FROM userdir.users WHERE user_id = 'auth0|l-ben';
SELECT outcome, user_id FROM userdir.reset_password(:'ticket', 'ben-New-Boat-2');
SELECT * FROM pg_temp.login('legacy', 'ben@example.com', 'ben-New-Boat-2');
SELECT legacy.trace();
SELECT count(*) AS hashes FROM userdir.credentials k WHERE k.user_id LIKE 'auth0|l-%' OR k.user_id LIKE 'auth0|new-%';
-- Addresses.
SELECT userdir.update_user('auth0|l-ben', '{"email": "Benno@example.com", "email_verified": true}') ->> 'email' AS email;
SELECT userdir.update_user('auth0|l-ben', '{"email_verified": false}') ->> 'email_verified' AS verified;
SELECT pg_temp.try($$SELECT userdir.update_user('auth0|l-ben', '{"phone_number": "+4930111"}')$$);
SELECT legacy.trace();
SELECT email, verified FROM legacy.accounts WHERE id = 'l-ben';
-- Deleting.
SELECT userdir.delete_user('auth0|l-ben');
SELECT legacy.trace();
SELECT count(*) FROM legacy.accounts WHERE id = 'l-ben';
SELECT userdir.delete_user('auth0|l-ben');
SELECT legacy.trace();

-- For an application, with tokens, in both modes: at the first login and later.
DO $$ BEGIN PERFORM userdir.set_issuer('https://login.example.com/'), userdir.create_signing_key('RS256'), userdir.create_client('web', '{"client_id": "web", "grant_types": ["password"]}'); END $$;
UPDATE legacy.accounts SET hash = legacy.hash('hal-Old-Boat-1') WHERE id = 'l-hal';
SELECT c, outcome, user_id, id_token IS NOT NULL AND access_token IS NOT NULL AS tokens
  FROM unnest('{legacy,legacy}'::text[]) c, LATERAL userdir.login(c, 'made@example.com', 'Some-Boat-1', 'web');
SELECT outcome, user_id, id_token IS NOT NULL AND access_token IS NOT NULL AS tokens FROM userdir.login('import', 'hal@example.com', 'hal-Old-Boat-1', 'web');
SELECT outcome, user_id, id_token IS NOT NULL AND access_token IS NOT NULL AS tokens FROM userdir.login('import', 'hal@example.com', 'hal-Old-Boat-1', 'web');
SELECT outcome, id_token IS NULL AS no_tokens FROM userdir.login('legacy', 'made@example.com', 'guess', 'web');
SELECT legacy.trace();
SELECT userdir.delete_user('auth0|l-hal');

-- Rules of sign-ups and of changed passwords run there, too: once each.
CREATE TABLE legacy.looked (n integer GENERATED ALWAYS AS IDENTITY, stage text, who text);
CREATE FUNCTION legacy.look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO legacy.looked (stage, who) VALUES (TG_TABLE_NAME, NEW."user" ->> 'email');
  RETURN NEW;
END $$;
SELECT userdir.create_rule('look at ' || s, s, 'legacy.look') FROM unnest('{pre_user_registration,post_user_registration,post_change_password}'::text[]) s;
SELECT outcome FROM userdir.signup('legacy', '{"email": "ruled@example.com"}', 'Some-Boat-1');
SELECT outcome FROM userdir.change_password('legacy', 'ruled@example.com', 'Some-Boat-1', 'Some-Boat-2');
SELECT outcome FROM userdir.change_password('legacy', 'ruled@example.com', 'guess', 'Some-Boat-3');
SELECT userdir.set_password('auth0|new-ruled@example.com', 'Some-Boat-4');
INSERT INTO legacy.accounts (id, email, hash) VALUES ('zoe', 'zoe@example.com', legacy.hash('zoe-Old-Boat-1'));
SELECT userdir.request_password_change('import', 'zoe@example.com') AS ticket \gset
SELECT outcome, user_id FROM userdir.reset_password(:'ticket', 'zoe-New-Boat-2');
SELECT outcome FROM userdir.signup('import', '{"email": "zoe@example.com"}', 'Some-Boat-1');
SELECT stage, who FROM legacy.looked ORDER BY n;
SELECT userdir.drop_rule('look at ' || s) AS dropped FROM unnest('{pre_user_registration,post_user_registration,post_change_password}'::text[]) s;
SELECT userdir.delete_user('auth0|zoe'), length(legacy.trace()) > 0 AS traced;

-- Off: nothing is asked.
SELECT userdir.set_custom_database('import', 'off') #> '{options,enabledDatabaseCustomization}' AS enabled;
SELECT * FROM pg_temp.login('import', 'gus@example.com', 'gus-Old-Boat-1');
SELECT outcome FROM userdir.signup('import', '{"email": "hal@example.com"}', 'Some-Boat-1');
SELECT userdir.request_password_change('import', 'gus@example.com') IS NULL AS none;
SELECT regexp_replace(legacy.trace(), '[0-9a-f]{24}', 'ID', 'g');

-- Trying, in any mode; nothing stays.
SELECT outcome, answer, would_be ->> 'user_id' AS user_id, code, message, milliseconds >= 0 AS timed FROM userdir.try_custom_database('import', 'login', 'gus@example.com', 'gus-Old-Boat-1');
SELECT outcome, code, message, detail FROM userdir.try_custom_database('import', 'login', 'gus@example.com', 'guess');
SELECT outcome, answer FROM userdir.try_custom_database('import', 'login', 'nobody@example.com', 'guess');
-- Hal has signed up here while it was off, under an id of its own.
SELECT outcome, answer ->> 'email' AS email, would_be -> 'app_metadata' AS app_metadata, code, message, detail FROM userdir.try_custom_database('import', 'get_user', 'hal@example.com');
SELECT outcome, answer, code, message, detail FROM userdir.try_custom_database('import', 'create', password => 'Some-Boat-1', profile => '{"email": "try@example.com"}');
SELECT outcome, answer, code, message, detail FROM userdir.try_custom_database('import', 'create', password => 'Some-Boat-1', profile => '{"email": "x@blocked.example"}');
SELECT a, (userdir.try_custom_database('import', a, 'hal@example.com', 'Some-Boat-1', '{"email": "h@example.com", "email_verified": true}')).outcome FROM unnest('{verify,change_password,change_email}'::text[]) a;
SELECT outcome, answer FROM userdir.try_custom_database('import', 'change_password', 'nobody@example.com', 'Some-Boat-1');
SELECT outcome FROM userdir.try_custom_database('import', 'delete', 'l-hal');
SELECT outcome, code, message FROM userdir.try_custom_database('plain', 'login', 'x', 'y');
SELECT pg_temp.try($$SELECT userdir.try_custom_database('import', 'sign_in', 'x', 'y')$$);
SELECT pg_temp.try($$SELECT userdir.try_custom_database('import', NULL)$$);
SELECT pg_temp.try($$SELECT userdir.try_custom_database('import', 'login', 'x', 'y', context => '[]')$$);
SELECT legacy.trace(), email, hash = legacy.hash('hal-Old-Boat-1') AS same FROM legacy.accounts WHERE id = 'l-hal';
-- Users of mode legacy have no password here: whoever changes the mode is told, and can give them their hashes.
BEGIN;
SELECT userdir.set_custom_database('legacy', 'off') #> '{options,enabledDatabaseCustomization}' AS enabled;
SELECT userdir.set_custom_database('legacy', 'legacy') #> '{options,import_mode}' AS import_mode;
SELECT userdir.set_custom_database('legacy', 'import') #> '{options,import_mode}' AS import_mode;
SELECT * FROM pg_temp.login('legacy', 'ann@example.com', 'ann-New-Boat-1');
SELECT userdir.set_password_hash(i.user_id, userdir._hash_password('ann-New-Boat-1')) FROM userdir.identities i
 WHERE i.connection = 'legacy' AND NOT EXISTS (SELECT FROM userdir.credentials k WHERE k.user_id = i.user_id);
SELECT * FROM pg_temp.login('legacy', 'ann@example.com', 'ann-New-Boat-1');
SELECT userdir.set_custom_database('legacy', 'legacy') #> '{options,import_mode}' AS import_mode;
SELECT userdir.set_custom_database('legacy', 'import') #> '{options,import_mode}' AS no_warning;
ROLLBACK;
-- Another connection, whose database has the same ids, and one of them here already.
SELECT userdir.create_connection('second', 'auth0') ->> 'name' AS connection;
SELECT userdir.set_custom_database('second', 'import', 'legacy.login', 'legacy.get_user') IS NOT NULL AS set;
UPDATE legacy.accounts SET id = 'twin' WHERE id = 'l-gus';
SELECT userdir.create_user('legacy', '{"email": "other@example.com", "user_id": "twin"}') ->> 'user_id' AS user_id;
SELECT outcome, would_be ->> 'user_id' AS user_id, code, message, detail FROM userdir.try_custom_database('second', 'login', 'gus@example.com', 'gus-Old-Boat-1');
SELECT * FROM pg_temp.login('second', 'gus@example.com', 'gus-Old-Boat-1');
SELECT details FROM userdir.logs ORDER BY date DESC LIMIT 1;
UPDATE legacy.accounts SET id = 'l-gus' WHERE id = 'twin';
SELECT userdir.delete_connection('second') AS deleted, userdir.delete_user('auth0|twin') AS user_deleted, length(legacy.trace()) > 0 AS traced;

-- Revealing, and comparing, outside of an action.
SELECT pg_temp.try($$SELECT userdir.reveal('x')$$);
SELECT userdir.password_matches('gus-Old-Boat-1', hash) AS right, userdir.password_matches('gus-Old-Boat-2', hash) AS wrong FROM legacy.accounts WHERE id = 'l-gus';
SELECT userdir.password_matches('password', '{"algorithm": "md5", "hash": {"value": "5f4dcc3b5aa765d61d8327deb882cf99", "encoding": "hex"}}'::jsonb) AS json;
SELECT userdir.password_matches('x', NULL::text) AS no_hash, userdir.password_matches('x', NULL::jsonb) AS no_json, userdir.password_matches(NULL, 'x'::text) AS no_password;
SELECT pg_temp.try($$SELECT userdir.password_matches('x', 'no hash'::text)$$), pg_temp.try($$SELECT userdir.password_matches('x', '{}'::jsonb)$$);
SET client_min_messages = warning;
DROP SCHEMA legacy CASCADE;
