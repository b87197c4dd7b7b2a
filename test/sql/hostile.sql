-- Attacks: each is told, tried, and must come to nothing
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\set regression :DBNAME
SET client_min_messages = error;
DROP DATABASE IF EXISTS ud_hostile;
DROP ROLE IF EXISTS ud_mallory, ud_owner, ud_reader, ud_editor, ud_login, "ud ""x""; DROP TABLE userdir.users; --";
RESET client_min_messages;
CREATE ROLE ud_mallory; CREATE ROLE ud_owner; CREATE ROLE ud_reader; CREATE ROLE ud_editor; CREATE ROLE ud_login;
CREATE DATABASE ud_hostile;
\c ud_hostile
SET client_min_messages = warning;
\set SHOW_CONTEXT never

-- Attack 1. Mallory may create objects in public, as everybody could before version 15. She makes functions
-- and operators of the names that PostgreSQL has, with arguments that fit better than PostgreSQL's own
-- (varchar = varchar instead of text = text), and waits for a superuser whose path has public in it.
-- Each of hers tells when it runs.
GRANT CREATE ON SCHEMA public TO ud_mallory;
CREATE SEQUENCE public.trojans_run;
GRANT USAGE ON SEQUENCE public.trojans_run TO PUBLIC;
CREATE PROCEDURE public.plant(target text) LANGUAGE plpgsql SET search_path = pg_catalog SET client_min_messages = error AS $plant$
DECLARE
  types CONSTANT regtype[] := '{text,varchar,name,jsonb,integer,bigint,boolean,oid,regclass,timestamptz,text[],"char",unknown}';
  o record;
BEGIN
  -- What exists in pg_catalog, and the same with varchar in the place of each text.
  FOR o IN
    SELECT DISTINCT p.proname, v.arguments, p.prorettype::regtype AS result, NULL AS operator
      FROM pg_proc p, LATERAL (VALUES (p.proargtypes::regtype[]), (array_replace(p.proargtypes::regtype[], 'text', 'varchar'))) v (arguments)
     WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset AND p.provariadic = 0 AND p.pronargs BETWEEN 1 AND 3
       AND p.proargtypes::regtype[] <@ types AND NOT p.proargtypes::regtype[] && '{unknown}'::regtype[] AND p.prorettype = ANY (types)
       -- What the trojans themselves call.
       AND p.proname NOT IN ('nextval')
    UNION
    SELECT DISTINCT NULL, v.arguments, p.oprresult::regtype, p.oprname
      FROM pg_operator p, LATERAL (VALUES (ARRAY[p.oprleft, p.oprright]::regtype[]), (array_replace(ARRAY[p.oprleft, p.oprright]::regtype[], 'text', 'varchar')),
                                          (ARRAY[p.oprleft, CASE p.oprright WHEN 'text'::regtype THEN 'varchar'::regtype ELSE p.oprright::regtype END]),
                                          (ARRAY[CASE p.oprleft WHEN 'text'::regtype THEN 'varchar'::regtype ELSE p.oprleft::regtype END, p.oprright])) v (arguments)
     WHERE p.oprnamespace = 'pg_catalog'::regnamespace AND p.oprkind = 'b'
       AND p.oprleft = ANY (types) AND p.oprright = ANY (types) AND p.oprresult = ANY (types)
  LOOP
    BEGIN
      IF to_regprocedure(format('%I.%I(%s)', target, coalesce(o.proname, 'operator_' || md5(o.operator)), array_to_string(o.arguments, ','))) IS NULL THEN
        EXECUTE format('CREATE FUNCTION %I.%I(%s) RETURNS %s LANGUAGE plpgsql AS $trojan$
                        BEGIN
                          RAISE WARNING %L;
                          PERFORM pg_catalog.nextval(%L);
                          RETURN NULL;
                        END $trojan$',
                       target, coalesce(o.proname, 'operator_' || md5(o.operator)), array_to_string(o.arguments, ','), o.result,
                       format('trojan %s %s ran', coalesce(o.proname, o.operator), array_to_string(o.arguments, ',')), 'public.trojans_run');
      END IF;
      IF o.operator IS NOT NULL THEN
        EXECUTE format('CREATE OPERATOR %I.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = %I.%I)', target, o.operator, o.arguments[1], o.arguments[2],
                       target, 'operator_' || md5(o.operator));
      END IF;
    EXCEPTION WHEN duplicate_function OR syntax_error OR invalid_function_definition THEN NULL;
    END;
  END LOOP;
END $plant$;
-- (The procedure is ours, what it makes is hers.)
SET ROLE ud_mallory;
CALL public.plant('public');
CREATE DOMAIN public.text AS pg_catalog.text;
CREATE DOMAIN public.jsonb AS pg_catalog.jsonb;
CREATE TYPE public.sly AS (x pg_catalog.text);
CREATE FUNCTION public.sly(pg_catalog.text) RETURNS public.sly LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'trojan cast ran'; PERFORM pg_catalog.nextval('public.trojans_run'); RETURN NULL; END $$;
CREATE FUNCTION public.unsly(public.sly) RETURNS pg_catalog.jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'trojan cast ran'; PERFORM pg_catalog.nextval('public.trojans_run'); RETURN NULL; END $$;
CREATE CAST (pg_catalog.text AS public.sly) WITH FUNCTION public.sly(pg_catalog.text) AS IMPLICIT;
CREATE CAST (public.sly AS pg_catalog.jsonb) WITH FUNCTION public.unsly(public.sly) AS IMPLICIT;
RESET ROLE;
SELECT count(*) > 900 AS many_functions FROM pg_catalog.pg_proc WHERE proowner = 'ud_mallory'::pg_catalog.regrole;
SELECT count(*) > 250 AS many_operators FROM pg_catalog.pg_operator WHERE oprowner = 'ud_mallory'::pg_catalog.regrole;

-- They bite: this statement of a careless superuser runs one.
SET search_path = public, pg_catalog;
SELECT 'a'::varchar = 'a'::varchar AS fell_for_it;
SELECT lower('A'::varchar) AS fell_for_it;
SET search_path = pg_catalog;
SELECT setval('public.trojans_run', 1, false);
SET search_path = public, pg_catalog;

-- With the same path the extension is created and the directory installed and used; in DO blocks, so that
-- the statements of the test use no operator of hers themselves.
CREATE EXTENSION userdir;
DO $$ BEGIN PERFORM userdir.install('hostile'); END $$;
CREATE PROCEDURE public.exercise() LANGUAGE plpgsql AS $$
BEGIN
  PERFORM userdir.create_connection('users', 'auth0', '{"requires_username": true, "x": "$1 %s \\ '' \" {}"}', 'Users', '{"k": "v"}');
  PERFORM userdir.create_connection('github', 'github', '{"attribute_map": {"name": ["full", {"join": ["a", "b"]}]}}');
  PERFORM userdir.list_connections(), userdir.get_connection('users'), userdir.update_connection('users', '{"display_name": "U", "options": {"requires_username": true}}');
  PERFORM userdir.create_user('users', '{"email": "Ann@Example.com", "username": "ann", "user_id": "ann", "user_metadata": {"a": {"b": 1}}}');
  PERFORM userdir.update_user('auth0|ann', '{"email": "ann2@example.com", "user_metadata": {"a": null, "c": [1]}, "app_metadata": {"d": 1}, "blocked": true}');
  PERFORM userdir.update_user('auth0|ann', '{"username": "anna", "name": "Ann"}');
  PERFORM userdir.upsert_from_connection('github', '{"id": 1, "login": "octo", "email": "o@example.com", "full": "O"}');
  PERFORM userdir.upsert_from_connection('github', '{"id": 1, "login": "octo2", "email": "p@example.com", "full": "P"}');
  PERFORM userdir.get_user('auth0|ann', 'user_id,email', true), userdir.get_users_by_email('ann2@example.com');
  PERFORM userdir.list_users(0, 10, 'email:-1', 'email', true, true, 'users'), userdir.list_users(take => 1), userdir.list_users(sort => 'last_login:1');
  PERFORM userdir.grant_to('ud_reader', 'reader'), userdir.revoke_from('ud_reader', 'reader');
  UPDATE userdir.users SET app_metadata = '{"e": 1}', picture = 'https://example.com/a.png';
  PERFORM userdir.install('hostile'), userdir.version();
  PERFORM userdir.delete_user('auth0|ann'), userdir.delete_connection('github', true), userdir.delete_connection('users', true);
END $$;
CALL public.exercise();

-- And every function once, whatever it does with such arguments.
CREATE TABLE public.calls (call text);
SET search_path = pg_catalog;
INSERT INTO public.calls
  SELECT format('SELECT * FROM %s(%s)', p.oid::regproc,
                (SELECT string_agg(CASE WHEN t.type = 'record'::regtype THEN 'ROW(1)'
                                        ELSE format('%L::%s', CASE t.type::regtype::text WHEN 'jsonb' THEN '{"a": "b"}' WHEN 'text' THEN 'x' WHEN 'boolean' THEN 'true' WHEN 'integer' THEN '1' END, t.type::regtype) END, ', ' ORDER BY t.place)
                   FROM unnest(p.proargtypes) WITH ORDINALITY t (type, place)))
    FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'userdir'
   WHERE p.prokind = 'f' AND p.prorettype <> 'internal'::regtype AND NOT 'internal'::regtype = ANY (p.proargtypes::oid[]) AND p.proname !~ 'uninstall';
CREATE PROCEDURE public.call_everything() LANGUAGE plpgsql AS $$
DECLARE c record;
BEGIN
  FOR c IN SELECT call FROM public.calls ORDER BY call COLLATE pg_catalog."C" LOOP
    BEGIN EXECUTE c.call; EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP;
END $$;
SET search_path = public, pg_catalog;
CALL public.call_everything();
SET search_path = pg_catalog;
SELECT is_called AS some_trojan_ran FROM public.trojans_run;

-- Attack 2. Mallory hides tables and views in her session's temporary schema, of the names of the directory's
-- tables and of the catalogs that functions look into, and calls functions that run as the owner. She also
-- tries it on a superuser who works in a session where such tables were left.
CREATE TEMPORARY TABLE users AS SELECT 'fake'::text AS user_id;
CREATE TEMPORARY TABLE directory AS SELECT 999 AS data_version, 'fake'::text AS name;
CREATE TEMPORARY TABLE connections AS SELECT 'fake'::text AS name, 'fake'::text AS id;
CREATE TEMPORARY VIEW profiles AS SELECT nextval('public.trojans_run');
CREATE TEMPORARY TABLE pg_extension AS SELECT 'userdir'::name AS extname, '6.6.6'::text AS extversion;
CREATE TEMPORARY TABLE pg_class (LIKE pg_catalog.pg_class);
CREATE TEMPORARY TABLE pg_proc (LIKE pg_catalog.pg_proc);
CREATE TEMPORARY TABLE pg_depend (LIKE pg_catalog.pg_depend);
CREATE TEMPORARY VIEW pg_roles AS SELECT 'ud_mallory'::name AS rolname, true AS rolsuper, nextval('public.trojans_run');
CREATE DOMAIN pg_temp.jsonb AS text;
SET search_path = pg_temp, public, pg_catalog;
CALL public.exercise();
SET search_path = pg_temp, pg_catalog;
SELECT sql = library AS real_versions, remedy FROM userdir.version();
SET search_path = pg_catalog;
SELECT is_called AS some_trojan_ran FROM public.trojans_run;
DISCARD TEMP;

-- Attack 3. Mallory made the schema before the extension came, so that it is hers, and has filled it: with her
-- operators and functions, which the names of an install script could find ...
CREATE TABLE public.our_names AS
  SELECT p.proname::text AS name FROM pg_proc p WHERE p.pronamespace = 'userdir'::regnamespace UNION SELECT oprname FROM pg_operator WHERE oprnamespace = 'userdir'::regnamespace;
DROP EXTENSION userdir CASCADE;
DROP SCHEMA userdir CASCADE;
CREATE SCHEMA userdir AUTHORIZATION ud_mallory;
SET ROLE ud_mallory;
CALL public.plant('userdir');
RESET ROLE;
DO $$ DECLARE o record; BEGIN
  -- Those that have a name of ours are another attack, below.
  FOR o IN SELECT p.oid::regoperator AS it FROM pg_operator p WHERE p.oprnamespace = 'userdir'::regnamespace AND p.oprname IN (SELECT name FROM public.our_names) LOOP
    EXECUTE format('DROP OPERATOR %s', o.it);
  END LOOP;
END $$;
CREATE DOMAIN userdir.text AS pg_catalog.text; CREATE DOMAIN userdir.jsonb AS pg_catalog.text;
CREATE VIEW userdir.pg_extension AS SELECT nextval('public.trojans_run');
SET search_path = userdir, public, pg_catalog;
CREATE EXTENSION userdir;
DO $$ BEGIN PERFORM userdir.install('hostile'); END $$;
CALL public.exercise();
CALL public.call_everything();
SET search_path = pg_catalog;
SELECT is_called AS some_trojan_ran FROM public.trojans_run;
DROP EXTENSION userdir CASCADE;
DROP SCHEMA userdir CASCADE;

-- ... with an overload of a function of ours, that a call with fewer arguments would prefer: refused ...
CREATE SCHEMA userdir AUTHORIZATION ud_mallory;
SET ROLE ud_mallory;
CREATE FUNCTION userdir.get_user(user_id text) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(nextval(''public.trojans_run''))';
RESET ROLE;
CREATE EXTENSION userdir;
DROP FUNCTION userdir.get_user(text);
-- ... of an operator ...
SET ROLE ud_mallory;
CREATE FUNCTION userdir.trojan(jsonb, text) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(nextval(''public.trojans_run''))';
CREATE OPERATOR userdir.|+ (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = userdir.trojan);
RESET ROLE;
CREATE EXTENSION userdir;
DROP OPERATOR userdir.|+ (jsonb, text);
-- ... with a function in the place of ours ...
SET ROLE ud_mallory;
CREATE FUNCTION userdir.install(directory_name text DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS 'SELECT nextval(''public.trojans_run'')::text';
RESET ROLE;
CREATE EXTENSION userdir;
DROP FUNCTION userdir.install(text);
-- ... or with a table that the directory is to have.
SET ROLE ud_mallory;
CREATE TABLE userdir.directory (name text, data_version integer DEFAULT nextval('public.trojans_run'));
RESET ROLE;
CREATE EXTENSION userdir;
SELECT userdir.install();
SELECT is_called AS some_trojan_ran FROM public.trojans_run;
DROP EXTENSION userdir CASCADE;
DROP SCHEMA userdir CASCADE;

-- Attack 4. The owner of a directory puts triggers, and a view, where a superuser's call would run them. The
-- functions run them as the owner, and nothing in them can leave that role.
CREATE EXTENSION userdir;
SELECT userdir._equip_owner('ud_owner');
SET SESSION AUTHORIZATION ud_owner;
SELECT count(*) > 1 AS installed FROM userdir.install('owned');
SELECT userdir.create_connection('users', 'auth0') IS NOT NULL AS created;
SELECT userdir.grant_to('ud_editor', 'editor');
CREATE FUNCTION userdir.escalate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  attempt text;
BEGIN
  RAISE WARNING 'trigger on % runs as %', TG_TABLE_NAME, current_user;
  FOREACH attempt IN ARRAY ARRAY['RESET ROLE', 'SET ROLE NONE', format('SET ROLE %I', session_user), 'RESET SESSION AUTHORIZATION', 'SET LOCAL SESSION AUTHORIZATION DEFAULT',
                                 'ALTER ROLE ud_owner SUPERUSER', 'SET userdir.metadata_max_size = 1', 'SET session_replication_role = replica',
                                 'COPY userdir.directory TO PROGRAM ''true''', 'CREATE FUNCTION public.f() RETURNS int LANGUAGE c AS ''libc'', ''exit''']
  LOOP
    BEGIN
      EXECUTE attempt;
      RAISE WARNING '% worked', attempt;
    EXCEPTION WHEN OTHERS THEN
      IF SQLSTATE NOT IN ('42501', '22023') THEN RAISE WARNING '%: % %', attempt, SQLSTATE, SQLERRM; END IF;
    END;
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER escalate BEFORE INSERT ON userdir.users FOR EACH ROW EXECUTE FUNCTION userdir.escalate();
CREATE TRIGGER escalate BEFORE UPDATE ON userdir.directory FOR EACH ROW EXECUTE FUNCTION userdir.escalate();
CREATE TRIGGER escalate BEFORE DELETE ON userdir.identities FOR EACH ROW EXECUTE FUNCTION userdir.escalate();
RESET SESSION AUTHORIZATION;
-- (A superuser's install() gives the owner what it may have anyway, and no more.)
SELECT userdir.create_user('users', '{"email": "a@example.com", "user_id": "a"}') ->> 'user_id' AS by_superuser;
SELECT count(*) AS lines FROM userdir.install('renamed');
SET ROLE ud_editor;
SELECT userdir.create_user('users', '{"email": "b@example.com", "user_id": "b"}') ->> 'user_id' AS by_editor;
RESET ROLE;
SELECT rolsuper FROM pg_roles WHERE rolname = 'ud_owner';
SELECT current_user = session_user AS still_myself, current_setting('role') AS role;
SET SESSION AUTHORIZATION ud_owner;
DROP TRIGGER escalate ON userdir.users;
DROP TRIGGER escalate ON userdir.directory;
DROP TRIGGER escalate ON userdir.identities;
-- The user's own triggers cannot pretend to be the directory, either: a statement in them is one of the user's.
CREATE FUNCTION userdir.meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE userdir.users SET email = 'other@example.com' WHERE user_id = 'auth0|a';
  RETURN NULL;
END $$;
CREATE TRIGGER meddle AFTER INSERT ON userdir.users FOR EACH ROW EXECUTE FUNCTION userdir.meddle();
RESET SESSION AUTHORIZATION;
SELECT userdir.create_user('users', '{"email": "c@example.com", "user_id": "c"}');
DROP TRIGGER meddle ON userdir.users;

-- Attack 5. A role with the bundle login or editor wants more: tables it may not write, functions behind the
-- public ones, triggers, settings.
SELECT userdir.create_connection('github', 'github') IS NOT NULL AS created;
SELECT userdir.grant_to('ud_login', 'login');
CREATE FUNCTION public.attempt(role_name text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', role_name);
  EXECUTE statement;
  RESET ROLE;
  RETURN 'WORKED';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT a.* FROM (
SELECT r AS role, s AS statement, public.attempt(r, s) AS came_to
  FROM unnest('{ud_login,ud_editor}'::text[]) r,
       unnest(ARRAY['SELECT ''this they may'', remedy FROM userdir.version()', 'UPDATE userdir.users SET user_id = ''x''', 'UPDATE userdir.users SET email = ''x''', 'UPDATE userdir.users SET identities = ''[]''', 'INSERT INTO userdir.users (user_id) VALUES (''x|y'')',
                    'DELETE FROM userdir.identifiers', 'SELECT options FROM userdir.connections', 'INSERT INTO userdir.bundle_grants VALUES (''ud_login'', ''admin'')',
                    'SELECT userdir.grant_to(''ud_login'', ''admin'')', 'SELECT userdir._grant_to(''ud_login'', ''admin'')', 'SELECT userdir._apply_bundle(''ud_login'', ''admin'')', 'SELECT userdir._renew_grants()',
                    'SELECT userdir._equip_owner(''ud_login'')', 'SELECT userdir._install_storage(''x'', NULL)', 'SELECT userdir._uninstall_storage(''renamed'')', 'SELECT userdir._create_user(''users'', ''{}'')', 'SELECT userdir._insert_user(''database'', ''{}'')',
                    'CREATE TRIGGER t BEFORE INSERT ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.attempt()', 'ALTER TABLE userdir.users DISABLE TRIGGER ALL', 'CREATE RULE r AS ON UPDATE TO userdir.users DO INSTEAD NOTHING',
                    'CREATE FUNCTION userdir.get_user(user_id text) RETURNS int LANGUAGE sql AS ''SELECT 1''', 'SET userdir.metadata_max_size = ''64MB''', 'SET session_replication_role = replica',
                    'ALTER FUNCTION userdir.create_user(text, jsonb) OWNER TO ud_login', 'ALTER EXTENSION userdir UPDATE', 'DROP EXTENSION userdir',
                    'CREATE OPERATOR CLASS public.c DEFAULT FOR TYPE jsonb USING btree AS FUNCTION 1 jsonb_cmp(jsonb, jsonb)', 'CREATE CAST (jsonb AS text) WITH INOUT AS IMPLICIT']) s) a
 WHERE a.came_to !~ '^42501 ';

-- Attack 6. Text that would be code if it were pasted into statements: names, keys, formats, cursors, fields.
CREATE ROLE "ud ""x""; DROP TABLE userdir.users; --";
SELECT userdir.grant_to('ud "x"; DROP TABLE userdir.users; --', 'reader');
SELECT role_name, bundle FROM userdir.bundle_grants WHERE role_name ~ 'DROP';
SELECT has_table_privilege('ud "x"; DROP TABLE userdir.users; --', 'userdir.users', 'SELECT') AS granted;
SELECT userdir.install() LIKE '%renewed' AS renewed;
SELECT userdir.revoke_from('ud "x"; DROP TABLE userdir.users; --', 'reader');
DROP ROLE "ud ""x""; DROP TABLE userdir.users; --";
SELECT userdir.install($$x'; DROP TABLE userdir.users; -- %s $1$$) IS NOT NULL AS named;
SELECT name FROM userdir.directory;
CREATE FUNCTION public.outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT a.* FROM (
SELECT public.outcome(format(s, quote_literal(text))) AS came_to, s AS statement, text
  FROM unnest(ARRAY[$$'; DROP TABLE userdir.users; --$$, $$%s%I%L%1$s$$, $$$1 $$ || '$q$', $$\'; --$$]) text,
       unnest(ARRAY['SELECT userdir.list_users(sort => %s)', 'SELECT userdir.list_users(fields => %s)', 'SELECT userdir.list_users(connection => %s)', 'SELECT userdir.list_users("from" => %s)', 'SELECT userdir.get_user(%s)', 'SELECT userdir.get_user(''auth0|a'', %s)',
                    'SELECT userdir.get_users_by_email(%s)', 'SELECT userdir.delete_user(%s)', 'SELECT userdir.create_connection(%s, ''auth0'')', 'SELECT userdir.create_connection(''c'', %s)', 'SELECT userdir.get_connection(%s)',
                    'SELECT userdir.create_user(''users'', jsonb_build_object(%s, 1))', 'SELECT userdir.create_user(''users'', jsonb_build_object(''email'', %s))', 'SELECT userdir.update_user(''auth0|a'', jsonb_build_object(''user_metadata'', jsonb_build_object(%1$s, %1$s)))',
                    'SELECT userdir.update_user(''auth0|a'', jsonb_build_object(''name'', %s))', 'SELECT userdir.upsert_from_connection(''github'', jsonb_build_object(''id'', 1, ''login'', %1$s, %1$s, %1$s))']) s) a
 WHERE a.came_to !~ '^(ok$|22|UD00)';
-- A cursor is only text, so it can be made: what it holds is never a statement.
SELECT a.* FROM (
SELECT public.outcome(format('SELECT userdir.list_users(sort => %L, "from" => %L)', sort, encode(convert_to(jsonb_build_array(sort, value, id)::text, 'UTF8'), 'hex'))) AS came_to, sort, value, id
  FROM (VALUES ('email:1', $$x'; DROP TABLE userdir.users; --$$, 'x'), ('email:1', 'x', $$x' OR true; --$$), ('created_at:1', $$now'::text || '$$, 'x'), ('created_at:1', 'yesterday', $$%s$$), ('logins_count:1', '1; DROP', 'x'), ('last_ip:1', '::1''', 'x')) c (sort, value, id)) a
 WHERE a.came_to !~ '^(ok$|22)';
-- What was a value came back as it was.
SELECT user_id, name, user_metadata, attributes FROM userdir.users WHERE user_id IN ('auth0|a', 'github|1') ORDER BY user_id;

-- Attack 7. Settings of the session that change what SQL means; functions are not to work differently by them.
SET ROLE ud_editor;
SET standard_conforming_strings = off;
SET backslash_quote = on;
SET transform_null_equals = on;
SET array_nulls = off;
SET DateStyle = 'SQL, DMY';
SET TimeZone = 'Asia/Kathmandu';
SET bytea_output = escape;
SET extra_float_digits = -15;
SET plpgsql.extra_warnings = 'all';
SET row_security = off;
SELECT userdir.update_user($$auth0|b$$, $${"user_metadata": {"q": "\\ ' \"", "n": 1.10}}$$) -> 'user_metadata' AS user_metadata;
SELECT userdir.list_users(take => 1, sort => 'created_at:1', "from" => userdir.list_users(take => 1, sort => 'created_at:1') ->> 'next') #>> '{users,0,user_id}' AS second;
SELECT userdir.get_user('auth0|b') ->> 'created_at' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$' AS iso;
RESET ALL;
RESET ROLE;

SELECT is_called AS some_trojan_ran FROM public.trojans_run;
\c :regression
DROP DATABASE ud_hostile;
DROP ROLE ud_mallory, ud_owner, ud_reader, ud_editor, ud_login;
