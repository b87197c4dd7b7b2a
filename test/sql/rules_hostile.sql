-- Rules whose owner is not the directory's, and means no good: what they try, and what comes of it
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set ECHO none
SET client_min_messages = warning;
SET userdir.password_memory = '7MB';
DROP ROLE IF EXISTS ud_mallory, ud_app, ud_carol, ud_directory;
CREATE ROLE ud_mallory; CREATE ROLE ud_app; CREATE ROLE ud_carol; CREATE ROLE ud_directory;
CREATE SCHEMA app;
GRANT USAGE, CREATE ON SCHEMA app TO ud_mallory, ud_carol;
GRANT USAGE ON SCHEMA app TO ud_app;
DO $$ BEGIN
  PERFORM userdir.create_connection('shop', 'auth0'), userdir.grant_to('ud_app', 'login'), userdir.grant_to('ud_mallory', 'rules');
  PERFORM userdir.create_user('shop', '{"email": "ada@example.com", "user_id": "ada"}', 'Paper-Boat-1843');
END $$;
RESET client_min_messages;
CREATE TABLE app.marks (mark text, who text DEFAULT current_user);
GRANT INSERT, SELECT ON app.marks TO ud_mallory;
GRANT INSERT ON app.marks TO ud_app, ud_carol;
-- The application logs Ada in, with a rule of Mallory's of this body.
CREATE FUNCTION pg_temp.with_rule(body text, declarations text DEFAULT '') RETURNS TABLE (outcome text, logged text) LANGUAGE plpgsql SET client_min_messages = warning AS $$
DECLARE
  came text;
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION app.evil() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS %L', 'DECLARE ' || declarations || ' BEGIN ' || body || ' RETURN NEW; END');
  ALTER FUNCTION app.evil() OWNER TO ud_mallory;
  IF to_regclass('userdir.rules') IS NOT NULL AND NOT EXISTS (SELECT FROM userdir.rules WHERE name = 'evil') THEN
    PERFORM userdir.create_rule('evil', 'post_login', 'app.evil');
  END IF;
  SET LOCAL ROLE ud_app;
  came := (SELECT l.outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843') l);
  RESET ROLE;
  RETURN QUERY SELECT came, (SELECT concat_ws(' ', g.details ->> 'sqlstate', g.description) FROM userdir.logs g ORDER BY g.date DESC, g.log_id DESC LIMIT 1);
END $$;
\set ECHO all

-- She runs as herself, and nobody notices a difference afterwards.
SELECT * FROM pg_temp.with_rule($$ INSERT INTO app.marks VALUES ('hello'); $$);
SELECT * FROM app.marks;
SELECT current_user = session_user AS myself;
-- Attack 1. She wants to be somebody else.
SELECT * FROM pg_temp.with_rule($$ SET ROLE postgres; $$);
SELECT * FROM pg_temp.with_rule($$ RESET ROLE; $$);
SELECT * FROM pg_temp.with_rule($$ SET LOCAL ROLE ud_app; $$);
SELECT * FROM pg_temp.with_rule($$ SET SESSION AUTHORIZATION postgres; $$);
SELECT * FROM pg_temp.with_rule($$ RESET SESSION AUTHORIZATION; $$);
SELECT * FROM pg_temp.with_rule($$ RESET ALL; INSERT INTO app.marks VALUES ('reset all'); $$);
SELECT * FROM pg_temp.with_rule($$ PERFORM set_config('role', 'postgres', false); $$);
SELECT * FROM pg_temp.with_rule($$ PERFORM set_config('session_authorization', 'postgres', true); $$);
SELECT who FROM app.marks WHERE mark = 'reset all';
-- Attack 2. She wants to end the transaction, and go on in one of her own.
SELECT * FROM pg_temp.with_rule($$ COMMIT; $$);
SELECT * FROM pg_temp.with_rule($$ ROLLBACK; $$);
SELECT * FROM pg_temp.with_rule($$ EXECUTE 'COMMIT'; $$);
CREATE PROCEDURE app.commits() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
SELECT * FROM pg_temp.with_rule($$ CALL app.commits(); $$);
SELECT * FROM pg_temp.with_rule($$ EXECUTE 'SAVEPOINT a'; $$);
-- Attack 3. She leaves settings behind, which others run under.
SELECT * FROM pg_temp.with_rule($$ SET search_path = app, pg_temp; SET LOCAL work_mem = '77MB'; SET row_security = off; SET statement_timeout = 1; PERFORM set_config('app.x', 'left', false); SET default_transaction_read_only = on; $$);
SELECT current_setting('search_path') AS search_path, current_setting('work_mem') AS work_mem, current_setting('row_security') AS row_security, current_setting('statement_timeout') AS statement_timeout, current_setting('app.x', true) AS x, current_setting('default_transaction_read_only') AS read_only;
SELECT * FROM pg_temp.with_rule($$ SET userdir.rules_timeout = 0; $$);
SELECT * FROM pg_temp.with_rule($$ SET userdir.password_memory = '128MB'; $$);
SELECT * FROM pg_temp.with_rule($$ SET userdir.trust_request_claims = on; $$);
SELECT * FROM pg_temp.with_rule($$ SET TRANSACTION READ ONLY; $$);
-- Nor do those of the caller reach her: names mean the same whoever calls.
SET search_path = app, public;
SELECT * FROM pg_temp.with_rule($$ INSERT INTO app.marks VALUES ('path: ' || current_setting('search_path')); $$);
RESET search_path;
SELECT mark FROM app.marks WHERE mark ~ '^path';
-- Attack 4. She shadows what others use with temporary objects.
SELECT * FROM pg_temp.with_rule($$ CREATE TEMP TABLE users (user_id text); $$);
SELECT * FROM pg_temp.with_rule($$ CREATE TEMP VIEW logs AS SELECT 1; $$);
SELECT * FROM pg_temp.with_rule($$ EXECUTE 'CREATE FUNCTION pg_temp.lower(text) RETURNS text LANGUAGE sql AS $f$ SELECT ''x'' $f$'; $$);
SELECT * FROM pg_temp.with_rule($$ EXECUTE 'SELECT 1 AS a INTO TEMP marks'; $$);
SELECT outcome, left(logged, 26) AS logged FROM pg_temp.with_rule($$ CREATE DOMAIN pg_temp.text AS pg_catalog.text; $$);
SELECT * FROM pg_temp.with_rule($$ CREATE TYPE pg_temp.jsonb AS (x pg_catalog.text); $$);
SELECT * FROM pg_temp.with_rule($$ CREATE TABLE app.hers (a integer); $$);
SELECT * FROM pg_temp.with_rule($$ CREATE FUNCTION app.lower(text) RETURNS text LANGUAGE sql AS 'SELECT 1'; $$);
SELECT 'abc'::text AS well;
-- Attack 5. She leaves something that runs later as somebody else: a cursor, a prepared statement, a deferred trigger.
SELECT * FROM pg_temp.with_rule($$ OPEN c FOR SELECT 'mine'; $$, $$ c refcursor := 'innocent'; $$);
SELECT name FROM pg_cursors;
SELECT * FROM pg_temp.with_rule($$ EXECUTE 'DECLARE later CURSOR WITH HOLD FOR SELECT 1'; $$);
SELECT * FROM pg_temp.with_rule($$ EXECUTE 'PREPARE later AS SELECT 1'; $$);
SELECT * FROM pg_temp.with_rule($$ EXECUTE 'DEALLOCATE ALL'; $$);
SELECT * FROM pg_temp.with_rule($$ LISTEN anything; $$);
SET ROLE ud_mallory;
CREATE TABLE app.bait (a integer);
CREATE FUNCTION app.spring() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.marks VALUES ('sprung'); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER trap AFTER INSERT ON app.bait DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.spring();
RESET ROLE;
SELECT * FROM pg_temp.with_rule($$ INSERT INTO app.bait VALUES (1); $$);
SELECT * FROM pg_temp.with_rule($$ SET CONSTRAINTS ALL DEFERRED; INSERT INTO app.bait VALUES (1); $$);
SELECT count(*) AS sprung FROM app.marks WHERE mark = 'sprung';
-- Checked at once, a deferred constraint is no trap: what she does is done as herself, and the caller's checks wait as before.
SELECT * FROM pg_temp.with_rule($$ SET CONSTRAINTS app.trap IMMEDIATE; INSERT INTO app.bait VALUES (1); SET CONSTRAINTS app.trap DEFERRED; $$);
SELECT mark, who FROM app.marks WHERE mark = 'sprung';
CREATE TABLE app.parents (a integer PRIMARY KEY); CREATE TABLE app.children (a integer CONSTRAINT child_parent REFERENCES app.parents DEFERRABLE INITIALLY DEFERRED);
GRANT SELECT, INSERT ON app.parents, app.children TO ud_mallory;
BEGIN;
SELECT * FROM pg_temp.with_rule($$ SET CONSTRAINTS app.child_parent IMMEDIATE; INSERT INTO app.parents VALUES (1); INSERT INTO app.children VALUES (1); SET CONSTRAINTS app.child_parent DEFERRED; $$);
SELECT * FROM pg_temp.with_rule($$ SET CONSTRAINTS app.child_parent IMMEDIATE; INSERT INTO app.children VALUES (2); $$);
INSERT INTO app.children VALUES (3); INSERT INTO app.parents VALUES (3);
COMMIT;
SELECT a FROM app.children;
-- A cursor of the caller's stays open.
BEGIN;
DECLARE mine CURSOR FOR SELECT 'still here' AS cursor;
SELECT * FROM pg_temp.with_rule('');
FETCH mine;
COMMIT;
-- She reads, moves and closes those of the caller, whose rows are not for her.
BEGIN;
DECLARE mine CURSOR FOR SELECT 'Harbor-Light-7' AS cursor;
SELECT * FROM pg_temp.with_rule($$ FETCH c INTO got; RAISE 'read: %', got; $$, $$ c refcursor := 'mine'; got text; $$);
SELECT * FROM pg_temp.with_rule($$ CLOSE c; $$, $$ c refcursor := 'mine'; $$);
SELECT * FROM pg_temp.with_rule($$ MOVE LAST IN c; $$, $$ c refcursor := 'mine'; $$);
SELECT * FROM pg_temp.with_rule($$ EXECUTE 'CLOSE ALL'; $$);
SELECT * FROM pg_temp.with_rule($$ FOR got IN SELECT c.statement FROM pg_cursors c WHERE c.statement ~ 'Harbor[-]' LOOP RAISE 'read: %', got; END LOOP; $$, $$ got text; $$);
FETCH mine;
SELECT name, statement FROM pg_cursors WHERE name = 'mine';
COMMIT;
DO $$
DECLARE
  turns integer := 0;
  i record;
BEGIN
  FOR i IN SELECT g FROM generate_series(1, 3) g LOOP
    PERFORM pg_temp.with_rule($r$ OPEN own FOR SELECT 1; FETCH c INTO got; $r$, $r$ c refcursor := '<unnamed portal 1>'; own refcursor; got text; $r$);
    turns := turns + 1;
  END LOOP;
  RAISE INFO 'turns of the caller''s loop: %', turns;
END $$;
-- She reads the statement in which the password was, or what else the session has prepared.
SELECT * FROM pg_temp.with_rule($$ IF current_query() IS NOT NULL THEN RAISE 'read: %', current_query(); END IF; $$);
SELECT * FROM pg_temp.with_rule($$ GET DIAGNOSTICS c = PG_CONTEXT; RAISE 'read: %', c; $$, $$ c text; $$);
PREPARE with_secret AS SELECT 'Harbor-Light-7';
SELECT * FROM pg_temp.with_rule($$ PERFORM FROM pg_prepared_statements; $$);
DEALLOCATE with_secret;
SELECT current_query() AS still_known;
-- She leaves locks, which a pool would keep for ever, or takes those of the caller away.
SELECT pg_advisory_lock(7);
SELECT * FROM pg_temp.with_rule($$ PERFORM pg_advisory_lock(8); $$);
SELECT * FROM pg_temp.with_rule($$ PERFORM pg_try_advisory_lock_shared(8, 8); $$);
SELECT * FROM pg_temp.with_rule($$ PERFORM pg_advisory_unlock_all(); $$);
SELECT * FROM pg_temp.with_rule($$ PERFORM pg_advisory_unlock(7); $$);
SELECT * FROM pg_temp.with_rule($$ PERFORM pg_advisory_xact_lock(9); $$);
SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();
SELECT pg_advisory_unlock(7);
-- Attack 6. She goes for the directory itself: its tables, its private functions, and the guard that knows API functions.
SELECT * FROM pg_temp.with_rule($$ PERFORM FROM userdir.credentials; $$);
SELECT * FROM pg_temp.with_rule($$ UPDATE userdir.users SET blocked = false; $$);
SELECT * FROM pg_temp.with_rule($$ PERFORM userdir._users_json('{auth0|ada}'); $$);
SELECT * FROM pg_temp.with_rule($$ PERFORM userdir.delete_user('auth0|ada'); $$);
SELECT * FROM pg_temp.with_rule($$ PERFORM userdir.create_rule('mine', 'post_login', 'app.evil'); $$);
SELECT * FROM pg_temp.with_rule($$ PERFORM userdir.clear_identity(); $$);
GRANT SELECT, UPDATE ON userdir.users TO ud_mallory;
GRANT EXECUTE ON FUNCTION userdir._in_api(), userdir._check_user_columns(text, text, text, text, text), userdir._in_installer(), userdir._api_caller() TO ud_mallory;
SELECT * FROM pg_temp.with_rule($$ UPDATE userdir.users SET email = 'mallory@example.com'; $$);
SELECT * FROM pg_temp.with_rule($$ INSERT INTO app.marks VALUES ('in the API: ' || userdir._in_api()), ('called by ' || coalesce(userdir._api_caller()::regrole::text, 'nobody')); $$);
SELECT mark FROM app.marks WHERE mark ~ '^(in the API|called by)';
REVOKE ALL ON userdir.users FROM ud_mallory;
REVOKE ALL ON FUNCTION userdir._in_api(), userdir._check_user_columns(text, text, text, text, text), userdir._in_installer(), userdir._api_caller() FROM ud_mallory;
SELECT email FROM userdir.users;
-- Attack 7. She never ends, or sleeps, or catches what would end her.
SET userdir.rules_timeout = '200ms';
SELECT * FROM pg_temp.with_rule($$ LOOP END LOOP; $$);
SELECT * FROM pg_temp.with_rule($$ PERFORM pg_sleep(60); $$);
SELECT * FROM pg_temp.with_rule($$ BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN OTHERS THEN NULL; END; $$);
SELECT * FROM pg_temp.with_rule($$ BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END; $$);
SELECT * FROM pg_temp.with_rule($$ BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN RAISE 'other'; END; $$);
SELECT * FROM pg_temp.with_rule($$ PERFORM count(*) FROM generate_series(1, 1000000000) a; $$);
-- Several share the time.
SELECT userdir.create_rule('slow 1', 'post_login', 'app.evil'), userdir.create_rule('slow 2', 'post_login', 'app.evil');
SELECT * FROM pg_temp.with_rule($$ PERFORM pg_sleep(0.08); $$);
SELECT userdir.drop_rule('slow 1'), userdir.drop_rule('slow 2');
-- The timer ends with the rules.
SELECT * FROM pg_temp.with_rule('');
SELECT pg_sleep(0.3) IS NOT NULL AS slept;
SET userdir.rules_timeout = '20s';
-- The limit of the statement is another matter, and hers is not taken for it.
SET statement_timeout = '300ms';
SELECT * FROM pg_temp.with_rule($$ PERFORM pg_sleep(60); $$);
RESET statement_timeout;
SELECT * FROM pg_temp.with_rule($$ RAISE query_canceled; $$);
SELECT * FROM pg_temp.with_rule($$ RAISE 'x' USING ERRCODE = '57P01'; $$);
SELECT * FROM pg_temp.with_rule($$ ASSERT false; $$);
RESET userdir.rules_timeout;
-- Attack 8. She returns nonsense, or far too much.
SELECT * FROM pg_temp.with_rule($$ RETURN NULL; $$);
SELECT * FROM pg_temp.with_rule($$ RETURN OLD; $$);
SELECT * FROM pg_temp.with_rule($$ RETURN ROW(1, 2); $$);
SELECT * FROM pg_temp.with_rule($$ NEW.user := '[]'; $$);
SELECT * FROM pg_temp.with_rule($$ NEW.id_token := '"x"'; $$);
SELECT * FROM pg_temp.with_rule($$ NEW.context := 'null'; $$);
SELECT * FROM pg_temp.with_rule($$ NEW.nothing := 1; $$);
SELECT * FROM pg_temp.with_rule($$ NEW.id_token := jsonb_build_object('https://example.com/x', repeat('x', 2000000)); $$);
-- What no token can hold is her failure, not an error of the login: also where it is large in text only.
SELECT * FROM pg_temp.with_rule($$ NEW.id_token := jsonb_build_object('https://example.com/x', repeat('x', 65000)); $$);
SELECT * FROM pg_temp.with_rule($$ NEW.id_token := jsonb_build_object('https://example.com/x', repeat('x', 66000)); $$);
SELECT * FROM pg_temp.with_rule($$ NEW.access_token := jsonb_build_object('https://example.com/x', repeat(E'\x01', 12000)); $$);
SELECT * FROM pg_temp.with_rule($$ NEW.access_token := jsonb_build_object('https://example.com/x', (SELECT jsonb_agg(1e131071) FROM generate_series(1, 300))); $$);
SELECT * FROM pg_temp.with_rule($$ NEW.access_token := jsonb_build_object('https://example.com/x', (SELECT jsonb_object_agg(n, ARRAY[true, NULL]) FROM generate_series(1, 10000) n)); $$);
SELECT * FROM pg_temp.with_rule($$ NEW.scope := array_fill('scope'::text, ARRAY[200000]); $$);
SELECT * FROM pg_temp.with_rule($$ NEW.scope := ARRAY(SELECT rpad(n::text, 250, 'x') FROM generate_series(1, 1000) n); $$);
SELECT * FROM pg_temp.with_rule($$ NEW.scope := array_fill('s'::text, ARRAY[2000]); $$);
SELECT * FROM pg_temp.with_rule($$ NEW.app_metadata := jsonb_build_object('x', repeat('x', 1048500)); $$);
-- What a user has stored already is no fault of rules.
SELECT * FROM pg_temp.with_rule($$ NEW.app_metadata := jsonb_build_object('x', repeat('x', 900000)); $$);
SELECT * FROM pg_temp.with_rule($$ NEW.app_metadata := jsonb_build_object('x', NULL, 'y', repeat('y', 900000)); $$);
SELECT * FROM pg_temp.with_rule($$ NEW.app_metadata := jsonb_build_object('y', NULL); $$);
SELECT app_metadata FROM userdir.users;
SELECT * FROM pg_temp.with_rule($$ NEW.redirect := 'javascript:alert(1)'; $$);
SELECT outcome, left(logged, 50) AS logged FROM pg_temp.with_rule($$ RAISE '%', repeat('long ', 1000000); $$);
SELECT length(description) < 2000 AS cut, pg_column_size(details) < 10000 AS cut_too FROM userdir.logs ORDER BY date DESC LIMIT 1;
SELECT outcome, length(logged) FROM pg_temp.with_rule($$ NEW.denied := repeat('no ', 100000); $$);
-- Null scopes are none. An object that became null would take along what other rules have written, or have to refuse by.
SELECT * FROM pg_temp.with_rule($$ NEW.scope := NULL; NEW.user_id := NULL; $$);
SELECT c AS made_null, r.* FROM unnest('{user,context,id_token,access_token,user_metadata,app_metadata}'::text[]) c, pg_temp.with_rule(format('NEW.%I := NEW.%1$I || NULL;', c)) r;
SELECT DISTINCT details ->> 'hint' AS hint FROM userdir.logs WHERE details ->> 'message' LIKE 'the rule made "%" null';
-- What rules were to store, a later one may take back.
SELECT * FROM pg_temp.with_rule($$ NEW.app_metadata := '{"y": 1}'; NEW.app_metadata := NULL; $$);
SELECT app_metadata FROM userdir.users;
-- Changing who she thinks it is changes nothing.
SELECT * FROM pg_temp.with_rule($$ NEW.user_id := 'auth0|somebody'; NEW.user := '{"user_id": "auth0|somebody"}'; NEW.app_metadata := '{"x": 1}'; $$);
SELECT app_metadata FROM userdir.users;
-- Attack 9. Rules that lead to one another.
GRANT ud_app TO ud_mallory;
SELECT userdir.grant_to('ud_mallory', 'login');
SELECT * FROM pg_temp.with_rule($$ INSERT INTO app.marks VALUES ('deep'); PERFORM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843'); $$);
SELECT count(*) FROM app.marks WHERE mark = 'deep';
SELECT count(*) AS refused FROM userdir.logs WHERE details ->> 'sqlstate' = '54001';
SELECT userdir.revoke_from('ud_mallory', 'login');
REVOKE ud_app FROM ud_mallory;
-- Attack 10. She reads the configuration elsewhere than in a rule; in one, she may.
SELECT userdir.set_configuration('api_key', 'sesame');
SET ROLE ud_mallory;
SELECT pg_temp.try($$SELECT userdir.configuration('api_key')$$);
SELECT pg_temp.try($$SELECT sealed_value FROM userdir.rule_configuration$$);
SELECT pg_temp.try($$SELECT userdir.list_configuration()$$);
RESET ROLE;
SELECT pg_temp.try($$SELECT userdir.configuration('api_key')$$);
SELECT * FROM pg_temp.with_rule($$ INSERT INTO app.marks VALUES ('key: ' || userdir.configuration('api_key')), ('none: ' || (userdir.configuration('other') IS NULL)); $$);
SELECT mark FROM app.marks WHERE mark ~ '^(key|none)';
-- Attack 11. Others make use of functions that are not meant for it: the rights of their owner are the prey.
SET ROLE ud_carol;
CREATE FUNCTION app.carols() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.marks VALUES ('carol: ' || (NEW.user ->> 'email')); RETURN NEW; END $$;
RESET ROLE;
SELECT userdir.drop_rule('evil');
-- An administrator makes a rule of a function of the directory's owner, of a superuser, of Carol.
SELECT userdir.grant_to('ud_app', 'admin');
SET ROLE ud_app;
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', 'userdir.users_guard')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', 'pg_catalog.tsvector_update_trigger')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', 'app.carols')$$);
SELECT pg_temp.try($$CREATE TRIGGER x INSTEAD OF INSERT ON userdir.post_login FOR EACH ROW EXECUTE FUNCTION app.carols()$$);
RESET ROLE;
-- The owner of the directory, who is no superuser, does so by hand: it does not run.
GRANT ud_directory TO ud_app;
DO $$ BEGIN
  EXECUTE (SELECT string_agg(format('ALTER %s %s OWNER TO ud_directory', CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, c.oid::regclass), '; ')
             FROM pg_class c WHERE c.relnamespace = 'userdir'::regnamespace AND c.relkind IN ('r', 'v', 'p') AND c.relispartition = false);
  EXECUTE (SELECT string_agg(format('ALTER TABLE %s OWNER TO ud_directory', c.oid::regclass), '; ') FROM pg_class c WHERE c.relnamespace = 'userdir'::regnamespace AND c.relispartition AND c.relkind = 'r');
  PERFORM userdir._equip_owner('ud_directory');
END $$;
GRANT EXECUTE ON FUNCTION userdir.users_guard() TO ud_directory;
GRANT USAGE ON SCHEMA app TO ud_directory;
SET ROLE ud_directory;
CREATE TRIGGER "0001_carol" INSTEAD OF INSERT ON userdir.post_login FOR EACH ROW EXECUTE FUNCTION app.carols();
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
SELECT details ->> 'sqlstate' AS sqlstate, description FROM userdir.logs ORDER BY date DESC LIMIT 1;
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', 'app.carols')$$);
RESET ROLE;
-- In a schema that is closed to the directory's owner.
CREATE SCHEMA closed AUTHORIZATION ud_carol;
SET ROLE ud_directory;
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', 'closed.rule')$$);
RESET ROLE;
DROP SCHEMA closed;
-- Carol says that it may.
SET ROLE ud_carol;
ALTER FUNCTION app.carols() SECURITY DEFINER;
RESET ROLE;
SET ROLE ud_directory;
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
RESET ROLE;
SELECT * FROM app.marks WHERE mark ~ '^carol';
-- Attack 12. The caller plants temporary objects for the rule to find.
SET ROLE ud_carol;
CREATE OR REPLACE FUNCTION app.carols() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN INSERT INTO app.marks VALUES ('lower: ' || lower('X')); RETURN NEW; END $$;
RESET ROLE;
SET ROLE ud_directory;
CREATE FUNCTION pg_temp.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT 'trojan' $$;
CREATE OPERATOR pg_temp.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = textcat);
SET search_path = pg_temp, pg_catalog;
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
RESET search_path;
RESET ROLE;
SELECT mark FROM app.marks WHERE mark ~ '^lower';
SET client_min_messages = warning;
DROP EXTENSION userdir CASCADE; DROP SCHEMA userdir CASCADE; DROP SCHEMA app CASCADE;
DROP OWNED BY ud_mallory, ud_app, ud_carol, ud_directory;
DROP ROLE ud_mallory, ud_app, ud_carol, ud_directory;
