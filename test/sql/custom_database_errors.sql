-- Custom databases that are down, slow, wrong or hostile
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set custom_database :abs_srcdir '/custom_database.sql'
\i :custom_database
SET userdir.password_memory = '7MB';
SET userdir.custom_database_timeout = '300ms';
SELECT userdir.create_connection(n, 'auth0', CASE n WHEN 'named' THEN '{"requires_username": true}' ELSE '{}' END::jsonb) ->> 'name' AS connection FROM unnest('{import,legacy,named}'::text[]) n;

-- An action that behaves as it is told.
CREATE TABLE legacy.behaviour (name text);
INSERT INTO legacy.behaviour VALUES ('well');
CREATE FUNCTION legacy.behave() RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  b text := (SELECT name FROM legacy.behaviour);
  good jsonb := '{"user_id": "zed", "email": "zed@example.com"}';
BEGIN
  CASE b
    WHEN 'well' THEN RETURN good;
    WHEN 'down' THEN RAISE EXCEPTION 'could not connect to server "crm"' USING ERRCODE = 'sqlclient_unable_to_establish_sqlconnection', DETAIL = 'connection refused';
    WHEN 'slow' THEN PERFORM pg_sleep(60);
    WHEN 'stubborn' THEN
      BEGIN
        PERFORM pg_sleep(60);
      EXCEPTION WHEN query_canceled THEN RETURN good;
      END;
    WHEN 'loop' THEN LOOP END LOOP;
    WHEN 'error' THEN RAISE EXCEPTION 'something else';
    WHEN 'unauthorized' THEN RAISE EXCEPTION 'Please pay first.' USING ERRCODE = 'UD061';
    WHEN 'validation' THEN RAISE EXCEPTION 'Not you.' USING ERRCODE = 'UD062', DETAIL = 'not a code';
    WHEN 'division' THEN RETURN to_jsonb(1 / 0);
    WHEN 'null' THEN RETURN 'null';
    WHEN 'array' THEN RETURN '[]';
    WHEN 'string' THEN RETURN '"zed"';
    WHEN 'number' THEN RETURN '7';
    WHEN 'true' THEN RETURN 'true';
    WHEN 'empty' THEN RETURN '{}';
    WHEN 'no id' THEN RETURN good - 'user_id';
    WHEN 'null id' THEN RETURN good || '{"user_id": null}';
    WHEN 'object id' THEN RETURN good || '{"user_id": {}}';
    WHEN 'empty id' THEN RETURN good || '{"user_id": ""}';
    WHEN 'space id' THEN RETURN good || '{"user_id": "a b"}';
    WHEN 'long id' THEN RETURN good || jsonb_build_object('user_id', repeat('x', 300));
    WHEN 'whole id' THEN RETURN good || '{"user_id": 42}';
    WHEN 'another id' THEN RETURN good || '{"user_id": "ann"}';
    WHEN 'another email' THEN RETURN good || '{"email": "ann@example.com"}';
    WHEN 'no email' THEN RETURN good - 'email';
    WHEN 'bad email' THEN RETURN good || '{"email": "zed"}';
    WHEN 'email of another type' THEN RETURN good || '{"email": ["zed@example.com"]}';
    WHEN 'metadata of another type' THEN RETURN good || '{"user_metadata": [1]}';
    WHEN 'bad metadata' THEN RETURN good || '{"app_metadata": {"a.b": 1}}';
    WHEN 'large' THEN RETURN good || jsonb_build_object('x', repeat('x', 1024 * 1024));
    WHEN 'deep' THEN RETURN good || jsonb_build_object('x', (repeat('[', 200) || repeat(']', 200))::jsonb);
    WHEN 'a user name' THEN RETURN good || '{"username": "Zed"}';
    WHEN 'a bad user name' THEN RETURN good || '{"username": "z e d"}';
    WHEN 'password' THEN RETURN good || '{"password": "zed-Boat-1", "hashed_password": "x", "salt": "y"}';
  END CASE;
  RETURN good;
END $$;
CREATE FUNCTION legacy.login_b(login text, password userdir.secret) RETURNS jsonb LANGUAGE sql AS 'SELECT legacy.behave()';
CREATE FUNCTION legacy.get_user_b(login text) RETURNS jsonb LANGUAGE sql AS 'SELECT legacy.behave()';
SELECT userdir.set_custom_database(n, CASE n WHEN 'legacy' THEN n ELSE 'import' END, login => 'legacy.login_b', get_user => 'legacy.get_user_b', create_user => 'legacy.create_account',
         change_password => 'legacy.change_password', delete_user => 'legacy.delete_account', change_email => 'legacy.change_email', verify => 'legacy.verify') IS NOT NULL AS set
  FROM unnest('{import,legacy,named}'::text[]) n;
CREATE FUNCTION pg_temp.behave(b text) RETURNS void LANGUAGE sql AS 'UPDATE legacy.behaviour SET name = b';

-- What comes of a login, and of the rows afterwards; users who were imported go, so that each case begins alike.
CREATE FUNCTION pg_temp.all_logins(connection text) RETURNS TABLE (behaviour text, outcome text, user_id text, sqlstate text, message text, traces bigint) LANGUAGE plpgsql AS $$
DECLARE
  b text;
  l record;
BEGIN
  FOREACH b IN ARRAY '{well,down,slow,stubborn,loop,error,unauthorized,validation,division,"null",array,string,number,true,empty,no id,null id,object id,empty id,space id,long id,whole id,another id,another email,no email,bad email,email of another type,metadata of another type,bad metadata,large,deep,a user name,a bad user name,password}'::text[]
  LOOP
    PERFORM pg_temp.behave(b);
    DELETE FROM userdir.logs;
    l := userdir.login(connection, 'zed@example.com', 'zed-Boat-1');
    behaviour := b;
    outcome := l.outcome;
    user_id := l.user_id;
    SELECT g.details ->> 'sqlstate', left(regexp_replace(g.details ->> 'message', '[0-9]{8}', 'N'), 90) INTO sqlstate, message FROM userdir.logs g;
    traces := (SELECT count(*) FROM userdir.users u WHERE u.user_id <> 'auth0|ann') + (SELECT count(*) FROM userdir.credentials c WHERE c.user_id <> 'auth0|ann')
              + (SELECT count(*) FROM userdir.identifiers i WHERE i.user_id <> 'auth0|ann');
    RETURN NEXT;
    PERFORM userdir.unblock_user('zed@example.com');
    DELETE FROM userdir.users u WHERE u.user_id <> 'auth0|ann';
  END LOOP;
END $$;
SELECT pg_temp.behave('null');
SELECT userdir.create_user('import', '{"email": "ann@example.com", "user_id": "ann"}', 'ann-Boat-1') ->> 'user_id' AS another;
SELECT * FROM pg_temp.all_logins('import');
-- Somebody whose id another connection has, is nobody of this one.
SELECT * FROM pg_temp.all_logins('legacy') WHERE outcome = 'success' OR behaviour IN ('another id', 'another email', 'slow', 'stubborn', 'loop', 'null', 'bad metadata') ORDER BY behaviour;
SELECT * FROM pg_temp.all_logins('named') WHERE behaviour LIKE '%name';
-- What is kept of a user name that is none here, and of a password: nothing that anybody finds.
SELECT pg_temp.behave('a user name');
SELECT outcome FROM userdir.login('import', 'zed@example.com', 'zed-Boat-1');
SELECT username, attributes FROM userdir.users WHERE user_id = 'auth0|zed';
SELECT pg_temp.behave('null');
SELECT outcome FROM userdir.login('import', 'zed', 'zed-Boat-1');
SELECT userdir.delete_user('auth0|zed'), pg_temp.behave('password');
SELECT outcome FROM userdir.login('import', 'zed@example.com', 'zed-Boat-1');
SELECT count(*) FROM userdir.users u WHERE u::text ~ 'zed-Boat|hashed|salt';
SELECT userdir.delete_user('auth0|zed');
-- An empty password that an action takes for right.
SELECT pg_temp.behave('well');
SELECT outcome FROM userdir.login('import', 'zed@example.com', '');
SELECT count(*) FROM userdir.users WHERE user_id = 'auth0|zed';

-- The other ways in, while the database is down: clear outcomes, and errors for administrators.
SELECT pg_temp.behave('well');
SELECT outcome, user_id FROM userdir.login('legacy', 'zed@example.com', 'zed-Boat-1');
SELECT userdir.create_password_change_ticket('auth0|zed') AS reset, userdir.create_email_verification_ticket('auth0|zed') AS verify \gset
SELECT userdir.set_custom_database('legacy', verify => '') IS NOT NULL AS set;
SELECT pg_temp.behave('down');
DELETE FROM userdir.logs;
SELECT outcome, description FROM userdir.signup('import', '{"email": "new@example.com"}', 'new-Boat-1');
SELECT outcome FROM userdir.signup('legacy', '{"email": "new@example.com"}', 'new-Boat-1');
SELECT userdir.request_password_change('import', 'new@example.com') IS NULL AS none;
SELECT outcome, user_id FROM userdir.reset_password(:'reset', 'zed-Boat-2');
SELECT success, message FROM userdir.verify_email(:'verify');
SELECT outcome FROM userdir.change_password('legacy', 'zed@example.com', 'zed-Boat-1', 'zed-Boat-2');
SELECT type, user_id, details #- '{function}' AS details FROM userdir.logs ORDER BY date, log_id;
SELECT s, pg_temp.try(s) FROM unnest(ARRAY[
  $$SELECT userdir.create_user('import', '{"email": "new@example.com"}', 'new-Boat-1')$$,
  $$SELECT userdir.create_user('legacy', '{"email": "new@example.com"}', 'new-Boat-1')$$,
  $$SELECT userdir.set_password('auth0|zed', 'zed-Boat-2')$$,
  $$SELECT userdir.update_user('auth0|zed', '{"email": "z@example.com"}')$$,
  $$SELECT userdir.update_user('auth0|ann', '{"email": "a@example.com"}')$$]) s;
SELECT count(*) FROM userdir.users WHERE email NOT IN ('ann@example.com', 'zed@example.com');
-- The tickets are as good as before.
SELECT pg_temp.behave('well');
SELECT userdir.set_custom_database('legacy', verify => 'legacy.verify') IS NOT NULL AS set;
INSERT INTO legacy.accounts VALUES ('zed', 'zed@example.com');
SELECT outcome, user_id FROM userdir.reset_password(:'reset', 'zed-Boat-2');
SELECT success, user_id FROM userdir.verify_email(:'verify');
-- Answers that say no, or speak of somebody else.
DELETE FROM legacy.accounts WHERE id = 'zed';
SELECT pg_temp.try($$SELECT userdir.set_password('auth0|zed', 'zed-Boat-3')$$);
SELECT pg_temp.try($$SELECT userdir.update_user('auth0|zed', '{"email": "z@example.com"}')$$);
SELECT pg_temp.behave('whole id');
SELECT pg_temp.try($$SELECT userdir.set_password('auth0|zed', 'zed-Boat-3')$$);
SELECT pg_temp.behave('null');
SELECT pg_temp.try($$SELECT userdir.set_password('auth0|zed', 'zed-Boat-3')$$);
CREATE TABLE legacy.moments (last_password_reset text);
CREATE FUNCTION legacy.when_changed(login text, password userdir.secret) RETURNS jsonb LANGUAGE sql AS $$ SELECT to_jsonb(b) FROM legacy.moments b $$;
INSERT INTO legacy.moments VALUES ('2024-02-29T12:34:56.789Z');
SELECT pg_temp.behave('well');
SELECT userdir.set_custom_database('legacy', change_password => 'legacy.when_changed') IS NOT NULL AS set;
SELECT userdir.set_password('auth0|zed', 'zed-Boat-3');
SELECT last_password_reset AT TIME ZONE 'UTC' AS reset FROM userdir.user_logins WHERE user_id = 'auth0|zed';
UPDATE legacy.moments SET last_password_reset = 'yesterday, or so';
SELECT pg_temp.try($$SELECT userdir.set_password('auth0|zed', 'zed-Boat-4')$$);
CREATE FUNCTION legacy.refuse(id text, context jsonb) RETURNS boolean LANGUAGE sql AS 'SELECT false';
SELECT userdir.set_custom_database('legacy', delete_user => 'legacy.refuse') IS NOT NULL AS set;
SELECT pg_temp.try($$SELECT userdir.delete_user('auth0|zed')$$);
SELECT count(*) FROM userdir.users WHERE user_id = 'auth0|zed';
-- Created there, and then not known: both or nothing.
CREATE FUNCTION legacy.create_b(profile jsonb, password userdir.secret) RETURNS boolean LANGUAGE sql AS $$ INSERT INTO legacy.accounts (id) VALUES ('half') RETURNING (SELECT name <> 'no' FROM legacy.behaviour) $$;
CREATE FUNCTION legacy.nobody(login text) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
SELECT userdir.set_custom_database('legacy', create_user => 'legacy.create_b', get_user => 'legacy.nobody') IS NOT NULL AS set;
DELETE FROM userdir.logs;
CREATE FUNCTION pg_temp.signup(b text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.behave(b);
  RETURN (SELECT s.outcome FROM userdir.signup('legacy', '{"email": "zoe@example.com"}', 'zoe-Boat-1') s);
END $$;
SELECT b, pg_temp.signup(b) FROM unnest('{"null",down,array,"no id",no}'::text[]) b;
SELECT count(*) AS half FROM legacy.accounts WHERE id = 'half';
SELECT details ->> 'action' AS action, details ->> 'message' AS message FROM userdir.logs WHERE type = 'fs' ORDER BY date, log_id;

-- The limits of the caller are the caller's: they end the login.
SELECT pg_temp.behave('slow');
SET userdir.custom_database_timeout = '20s';
SET statement_timeout = '200ms';
SELECT outcome FROM userdir.login('import', 'nobody@example.com', 'x');
RESET statement_timeout;
SET userdir.custom_database_timeout = '300ms';

-- Functions that change, or go.
SELECT pg_temp.behave('well');
ALTER FUNCTION legacy.login_b(text, userdir.secret) RENAME TO login_c;
DELETE FROM userdir.logs;
SELECT outcome FROM userdir.login('legacy', 'zed@example.com', 'Wrong-Boat-1');
CREATE FUNCTION legacy.login_b(login text, password userdir.secret, context jsonb) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
SELECT outcome FROM userdir.login('legacy', 'zed@example.com', 'Wrong-Boat-1');
SELECT details FROM userdir.logs WHERE type = 'f' ORDER BY date, log_id;
-- The rest of the connection can be changed all the same.
SELECT userdir.update_connection('legacy', '{"display_name": "Old accounts"}') ->> 'display_name' AS name;
SELECT userdir.set_custom_database('legacy', verify => '') ->> 'name' AS changed;
DROP FUNCTION legacy.login_b(text, userdir.secret, jsonb);
ALTER FUNCTION legacy.login_c(text, userdir.secret) RENAME TO login_b;
SELECT outcome FROM userdir.login('legacy', 'zed@example.com', 'x');

-- Whose rights an action has: its owner's, if the owner lends them.
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_crm;
DROP ROLE IF EXISTS regress_directory;
RESET client_min_messages;
CREATE ROLE regress_crm;
GRANT USAGE ON SCHEMA legacy TO regress_crm;
CREATE FUNCTION legacy.whoami(login text, password userdir.secret, context jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  RETURN jsonb_build_object('user_id', 'who', 'email', 'who@example.com', 'name', concat_ws(' ', current_user, current_setting('search_path'), current_setting('plan_cache_mode')),
    'user_metadata', jsonb_build_object('reads', has_table_privilege('userdir.credentials', 'SELECT'), 'revealed', userdir.reveal(password)));
END $$;
ALTER FUNCTION legacy.whoami OWNER TO regress_crm;
SELECT userdir.set_custom_database('legacy', login => 'legacy.whoami') IS NOT NULL AS set;
SELECT outcome, code, message FROM userdir.try_custom_database('legacy', 'login', 'x', 'a-Boat-1');
SELECT userdir.grant_to('regress_crm', 'actions');
SELECT outcome, would_be ->> 'name' AS name, would_be -> 'user_metadata' AS metadata FROM userdir.try_custom_database('legacy', 'login', 'x', 'a-Boat-1');
SHOW plan_cache_mode;
SELECT pg_temp.try($$SELECT userdir.reveal('x')$$);
-- It cannot take more.
CREATE FUNCTION legacy.escape(login text, password userdir.secret, context jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE login;
  RETURN '{"user_id": "esc", "email": "esc@example.com"}';
END $$;
ALTER FUNCTION legacy.escape OWNER TO regress_crm;
SELECT userdir.set_custom_database('legacy', login => 'legacy.escape') IS NOT NULL AS set;
SET userdir.custom_database_timeout = '20s';
SELECT s, outcome, code, message FROM unnest(ARRAY['SET ROLE postgres', 'RESET SESSION AUTHORIZATION', 'COMMIT', 'SELECT hash FROM userdir.credentials', 'CREATE TEMP TABLE t ()',
  'SET search_path = legacy', 'SELECT userdir.set_issuer(''https://evil.example/'')', 'UPDATE userdir.users SET blocked = false', 'LISTEN x', 'SELECT userdir.try_custom_database(''legacy'', ''login'', ''x'', ''y'')']) s,
  LATERAL userdir.try_custom_database('legacy', 'login', s, 'a-Boat-1');
SHOW search_path;
SELECT current_user = session_user AS same;
-- One that leads to itself ends somewhere.
CREATE FUNCTION legacy.itself(login text, password userdir.secret) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('user_id', 'x', 'email', 'x@example.com', 'name', outcome) FROM userdir.login('legacy', login, password) $$;
SELECT userdir.set_custom_database('legacy', login => 'legacy.itself') IS NOT NULL AS set;
SELECT outcome FROM userdir.login('legacy', 'x@example.com', 'x');
SELECT count(*) > 0 AS noted FROM userdir.logs WHERE details ->> 'message' LIKE 'rules and actions lead%';
-- A directory whose owner is no superuser must not lend itself the rights of whoever wrote a function that fits.
SET client_min_messages = warning;
DROP EXTENSION userdir CASCADE;
DROP SCHEMA userdir CASCADE;
CREATE EXTENSION userdir;
RESET client_min_messages;
CREATE ROLE regress_directory;
SELECT userdir._equip_owner('regress_directory');
SET ROLE regress_directory;
DO $$ BEGIN PERFORM userdir.install('test'); END $$;
SELECT userdir.create_connection('shop', 'auth0') ->> 'name' AS connection;
RESET ROLE;
CREATE FUNCTION legacy.of_superuser(login text, password userdir.secret) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('user_id', 'who', 'email', 'who@example.com', 'name', current_user = session_user) $$;
SELECT pg_temp.try($$SELECT userdir.set_custom_database('shop', login => 'legacy.of_superuser')$$);
ALTER FUNCTION legacy.of_superuser SECURITY DEFINER;
SELECT userdir.set_custom_database('shop', login => 'legacy.of_superuser') IS NOT NULL AS set;
SELECT outcome, answer ->> 'name' AS as_superuser FROM userdir.try_custom_database('shop', 'login', 'x', 'a-Boat-1');
-- The consent can be taken back.
ALTER FUNCTION legacy.of_superuser SECURITY INVOKER;
SELECT outcome, code, message FROM userdir.try_custom_database('shop', 'login', 'x', 'a-Boat-1');
ALTER FUNCTION legacy.of_superuser OWNER TO regress_directory;
SELECT outcome, answer ->> 'name' AS as_superuser FROM userdir.try_custom_database('shop', 'login', 'x', 'a-Boat-1');
SET client_min_messages = warning;
DROP SCHEMA legacy CASCADE;
DROP EXTENSION userdir CASCADE;
DROP SCHEMA userdir CASCADE;
DROP OWNED BY regress_crm, regress_directory;
DROP ROLE regress_crm, regress_directory;
