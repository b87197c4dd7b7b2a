-- Triggers of the application on userdir.users: they fire however a user is written, and their errors arrive as they were raised
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SELECT userdir.create_connection('db', 'auth0') ->> 'name' AS connection;
SELECT userdir.create_connection('github', 'github') ->> 'name' AS connection;
SELECT userdir.create_connection('gone', 'auth0') ->> 'name' AS connection;
SELECT userdir.create_consumer('follower');
SELECT userdir.create_user('db', '{"email": "ann@example.com", "user_id": "ann", "blocked": true}', 'Anns-Boat-1') ->> 'user_id' AS user_id;
SELECT userdir.create_user('gone', '{"email": "gus@example.com", "user_id": "gus"}') ->> 'user_id' AS user_id;
SELECT userdir.upsert_from_connection('github', '{"id": 1, "login": "octo", "email": "octo@example.com"}') ->> 'user_id' AS user_id;
INSERT INTO userdir.identities (user_id, provider, provider_user_id, connection, is_primary, is_social, profile_data) VALUES ('auth0|ann', 'github', '2', 'github', false, true, '{"email": "a@example.com"}');
INSERT INTO userdir.identifiers (value, kind, connection, user_id, provider, provider_user_id) VALUES ('github|2', 'identity', '', 'auth0|ann', 'github', '2');
ALTER TABLE userdir.users DISABLE TRIGGER USER;
SELECT userdir._renew_identities('{auth0|ann}');
ALTER TABLE userdir.users ENABLE TRIGGER USER;
SELECT userdir.create_email_verification_ticket('auth0|ann') AS verification, userdir.create_password_change_ticket('auth0|ann', mark_email_as_verified => true) AS reset \gset

-- Every way in which a user is written.
CREATE TABLE public.writes (number integer, operation text, call text);
INSERT INTO public.writes VALUES
  (1, 'INSERT', $$SELECT userdir.create_user('db', '{"email": "new@example.com"}')$$),
  (2, 'INSERT', $$SELECT userdir.create_user('db', '{"email": "new@example.com"}', 'New-Boat-1')$$),
  (3, 'INSERT', $$SELECT userdir.signup('db', '{"email": "new@example.com"}', 'New-Boat-1')$$),
  (4, 'INSERT', $$SELECT userdir.upsert_from_connection('github', '{"id": 7, "login": "seven"}')$$),
  (5, 'UPDATE', $$SELECT userdir.upsert_from_connection('github', '{"id": 1, "login": "octo", "email": "changed@example.com"}')$$),
  (6, 'UPDATE', $$SELECT userdir.upsert_from_connection('github', '{"id": 2, "login": "linked", "email": "changed@example.com"}')$$),
  (7, 'UPDATE', $$SELECT userdir.update_user('auth0|ann', '{"email": "changed@example.com", "user_metadata": {"a": 1}}')$$),
  (8, 'UPDATE', $$SELECT userdir.set_password('auth0|ann', 'Anns-Boat-2')$$),
  (9, 'UPDATE', format($$SELECT userdir.verify_email(%L)$$, :'verification')),
  (10, 'UPDATE', format($$SELECT userdir.reset_password(%L, 'Anns-Boat-3')$$, :'reset')),
  (11, 'UPDATE', $$UPDATE userdir.users SET user_metadata = '{"a": 2}' WHERE user_id = 'auth0|ann'$$),
  (12, 'DELETE', $$SELECT userdir.delete_user('auth0|ann')$$),
  (13, 'DELETE', $$SELECT userdir.delete_connection('gone', delete_users => true)$$),
  (14, 'DELETE', $$DELETE FROM userdir.users WHERE user_id = 'auth0|ann'$$);

-- All that is in the directory.
CREATE FUNCTION public.contents() RETURNS text LANGUAGE sql AS $$
  SELECT md5(string_agg(query_to_xml(format('SELECT * FROM %s t ORDER BY t::text', c.oid::regclass), true, true, '')::text, '' ORDER BY c.relname))
    FROM pg_class c WHERE c.relnamespace = 'userdir'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition $$;
-- What a call does to the directory when it fails; its error with every field.
CREATE FUNCTION public.fails(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE before text := public.contents(); state text; message text; detail text; hint text; a text; b text; c text; d text;
BEGIN
  BEGIN
    EXECUTE call;
    RETURN 'did not fail';
  EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT,
      a = CONSTRAINT_NAME, b = SCHEMA_NAME, c = TABLE_NAME, d = COLUMN_NAME;
  END;
  RETURN concat_ws(' / ', state, message, nullif(detail, ''), nullif(hint, ''), nullif(concat_ws('.', nullif(b, ''), nullif(c, ''), nullif(d, ''), nullif(a, '')), '')) || CASE WHEN before = public.contents() THEN '' ELSE ' AND HALF OF IT WAS DONE' END;
END $$;

-- One that works: a row of the application's for every write.
CREATE TABLE public.seen (number integer GENERATED ALWAYS AS IDENTITY, operation text, user_id text, identities integer);
CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.seen (operation, user_id, identities)
    VALUES (TG_OP, coalesce(NEW.user_id, OLD.user_id), (SELECT count(*) FROM userdir.identities i WHERE i.user_id = NEW.user_id));
  RETURN NULL;
END $$;
CREATE TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.see();
CREATE FUNCTION public.works(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE done text;
BEGIN
  BEGIN
    EXECUTE call;
    done := (SELECT string_agg(concat_ws(' ', s.operation, regexp_replace(s.user_id, '[0-9a-f]{24}', 'ID'), nullif(s.identities, 0)), ', ' ORDER BY s.number) FROM public.seen s);
    RAISE 'undo' USING ERRCODE = 'P9999';
  EXCEPTION WHEN SQLSTATE 'P9999' THEN
    RETURN done;
  END;
END $$;
SELECT number, public.works(call) FROM public.writes ORDER BY 1;
SELECT count(*) AS undone_with_it FROM public.seen;
DROP TRIGGER see ON userdir.users;

-- Those that fail: what is raised, with SQLSTATEs too that userdir's own functions catch or raise themselves.
CREATE TABLE public.errors (name text, raised text);
INSERT INTO public.errors VALUES
  ('own', $$RAISE EXCEPTION 'not in this shop' USING ERRCODE = 'SH001', DETAIL = 'the detail', HINT = 'the hint'$$),
  ('unique_violation', $$RAISE unique_violation USING MESSAGE = 'taken', DETAIL = 'in the shop', HINT = 'try another', CONSTRAINT = 'shop_key', TABLE = 'shop', COLUMN = 'name', SCHEMA = 'public'$$),
  ('data_exception', $$PERFORM 1 / 0$$),
  ('UD007', $$RAISE EXCEPTION 'mine' USING ERRCODE = 'UD007'$$),
  ('P0002', $$RAISE no_data_found USING MESSAGE = 'nothing'$$),
  ('23503', $$INSERT INTO public.orders VALUES ('nobody')$$),
  ('serialization', $$RAISE serialization_failure USING MESSAGE = 'again'$$);
CREATE TABLE public.orders (user_id text CONSTRAINT orders_of_users REFERENCES userdir.users);
CREATE FUNCTION public.make_failing(body text, at text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION public.failing() RETURNS trigger LANGUAGE plpgsql AS %L', 'BEGIN ' || body || '; RETURN NEW; END');
  EXECUTE format('CREATE OR REPLACE TRIGGER failing %s INSERT OR UPDATE OR DELETE ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.failing()', at);
END $$;
SELECT public.make_failing('RAISE EXCEPTION ''not in this shop'' USING ERRCODE = ''SH001'', DETAIL = ''the detail'', HINT = ''the hint''', 'BEFORE');
SELECT number, public.fails(call) FROM public.writes ORDER BY 1;
-- The error of each kind is the same for every call, and is what a plain UPDATE gets.
CREATE FUNCTION public.all_errors() RETURNS TABLE (name text, "when" text, error text, calls bigint) LANGUAGE plpgsql AS $$
DECLARE e record; t text;
BEGIN
  FOREACH t IN ARRAY '{BEFORE,AFTER}'::text[] LOOP
    FOR e IN SELECT * FROM public.errors o ORDER BY o.name LOOP
      PERFORM public.make_failing(e.raised, t);
      RETURN QUERY SELECT e.name, t, public.fails(w.call), count(*) FROM public.writes w WHERE w.number NOT IN (2, 10) GROUP BY 3 ORDER BY 3;
    END LOOP;
  END LOOP;
END $$;
SELECT * FROM public.all_errors();
DROP TRIGGER failing ON userdir.users;

-- One that refuses some, and passes others.
CREATE FUNCTION public.only_ours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.email !~ '@example\.com$' THEN
    RAISE EXCEPTION 'only our own people' USING ERRCODE = 'SH002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_ours BEFORE INSERT OR UPDATE ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.only_ours();
SELECT pg_temp.try($$SELECT userdir.create_user('db', '{"email": "x@elsewhere.example"}')$$) AS refused;
SELECT outcome FROM userdir.signup('db', '{"email": "own@example.com"}', 'Own-Boat-1');
DROP TRIGGER only_ours ON userdir.users;

-- One that changes the row: columns of the profile may be changed, and the answer shows it.
CREATE FUNCTION public.rewrite() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.nickname := upper(NEW.nickname); RETURN NEW; END $$;
CREATE TRIGGER rewrite BEFORE INSERT OR UPDATE ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.rewrite();
SELECT userdir.create_user('db', '{"email": "up@example.com", "user_id": "up"}') ->> 'nickname' AS nickname;
SELECT userdir.update_user('auth0|up', '{"nickname": "again"}') ->> 'nickname' AS nickname;
DROP TRIGGER rewrite ON userdir.users;

-- One that skips the row, or changes what logins look up elsewhere: nothing is half written, and it is told.
CREATE OR REPLACE FUNCTION public.failing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER failing BEFORE INSERT OR UPDATE OR DELETE ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.failing();
SELECT number, regexp_replace(public.fails(call), '[0-9a-f]{24}', 'ID') FROM public.writes WHERE number NOT IN (8, 11, 12, 14) ORDER BY 1;
-- A block that it does not let go stays, and the log does not tell otherwise; a user whom it keeps is not deleted.
BEGIN;
SELECT userdir.set_password('auth0|ann', 'Anns-Boat-2');
SELECT blocked FROM userdir.users WHERE user_id = 'auth0|ann';
SELECT type, details FROM userdir.logs WHERE user_id = 'auth0|ann' AND type = 'scp';
SELECT userdir.delete_user('auth0|ann'), (SELECT count(*) FROM userdir.identities WHERE user_id = 'auth0|ann') AS identities;
ROLLBACK;
DROP TRIGGER failing ON userdir.users;
CREATE OR REPLACE FUNCTION public.failing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.email := 'x' || NEW.email; RETURN NEW; END $$;
CREATE TRIGGER failing BEFORE INSERT OR UPDATE ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.failing();
SELECT number, regexp_replace(public.fails(call), '[0-9a-f]{24}', 'ID') FROM public.writes WHERE operation <> 'DELETE' AND number NOT IN (4, 6, 8) ORDER BY 1;
CREATE OR REPLACE FUNCTION public.failing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.user_id := NEW.user_id || 'x'; RETURN NEW; END $$;
SELECT number, regexp_replace(public.fails(call), '[0-9a-f]{24}', 'ID') FROM public.writes WHERE number IN (1, 3, 4) ORDER BY 1;
DROP TRIGGER failing ON userdir.users;

-- Whose rights and which path a trigger has: those of the directory's owner and of the function that wrote, or of whoever
-- wrote in SQL.
CREATE ROLE regress_trigger_owner;
CREATE ROLE regress_trigger_editor;
SELECT userdir.grant_to('regress_trigger_editor', 'editor');
CREATE SCHEMA shop;
CREATE TABLE shop.carts (user_id text, by_role name, for_role name);
CREATE FUNCTION public.unqualified() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO carts VALUES (NEW.user_id, current_user, session_user); RETURN NULL; END $$;
CREATE TRIGGER unqualified AFTER INSERT OR UPDATE ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.unqualified();
SET search_path = shop, public;
SELECT pg_temp.try($$SELECT userdir.update_user('auth0|up', '{"name": "U1"}')$$) AS not_the_callers_path;
UPDATE userdir.users SET name = 'U2' WHERE user_id = 'auth0|up';
ALTER FUNCTION public.unqualified() SET search_path = shop, pg_temp;
RESET search_path;
SELECT userdir.update_user('auth0|up', '{"name": "U3"}') ->> 'name' AS name;
ALTER TABLE shop.carts OWNER TO regress_trigger_owner;
SET ROLE regress_trigger_editor;
SELECT userdir.update_user('auth0|up', '{"name": "U4"}') ->> 'name' AS name;
SELECT pg_temp.try($$UPDATE userdir.users SET name = 'U5' WHERE user_id = 'auth0|up'$$) AS an_editors_rights;
RESET ROLE;
-- SECURITY DEFINER gives it the rights of one role in every case.
ALTER FUNCTION public.unqualified() SECURITY DEFINER;
ALTER FUNCTION public.unqualified() OWNER TO regress_trigger_owner;
GRANT USAGE ON SCHEMA shop TO regress_trigger_owner;
SET ROLE regress_trigger_editor;
SELECT userdir.update_user('auth0|up', '{"name": "U6"}') ->> 'name' AS name;
UPDATE userdir.users SET name = 'U7' WHERE user_id = 'auth0|up';
RESET ROLE;
SELECT user_id, CASE by_role WHEN session_user THEN 'the owner of the directory' ELSE by_role END AS by_role, for_role = session_user AS for_session_user FROM shop.carts;
DROP TRIGGER unqualified ON userdir.users;
CREATE FUNCTION public.escape() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SET LOCAL ROLE regress_trigger_owner; RETURN NULL; END $$;
CREATE TRIGGER escape AFTER UPDATE ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.escape();
SELECT pg_temp.try($$SELECT userdir.update_user('auth0|up', '{"name": "U8"}')$$) AS escape;
DROP TRIGGER escape ON userdir.users;

-- A trigger may call userdir's functions, and what it does directly is guarded.
CREATE FUNCTION public.nested() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.name = 'first' THEN
    PERFORM userdir.update_user(NEW.user_id, '{"email": "nested@example.com"}');
    UPDATE userdir.users SET username = 'x' WHERE user_id = NEW.user_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER nested AFTER UPDATE ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.nested();
SELECT public.fails($$SELECT userdir.update_user('auth0|up', '{"name": "first"}')$$);
DROP TRIGGER nested ON userdir.users;
DROP FUNCTION public.unqualified();
DROP TABLE shop.carts;
DROP SCHEMA shop;
SELECT userdir.revoke_from('regress_trigger_editor', 'editor');
DROP ROLE regress_trigger_owner, regress_trigger_editor;

-- Columns that an application has added are its own: no profile shows them, whatever their type.
SELECT userdir.create_user('db', '{"email": "owner@example.com", "user_id": "owner", "app_metadata": {"tier": 1}}') AS shown \gset
ALTER TABLE userdir.users ADD COLUMN loyalty integer DEFAULT 7, ADD COLUMN note text DEFAULT 'x', ADD COLUMN tags jsonb DEFAULT '{}';
SELECT userdir.get_user('auth0|owner') = :'shown'::jsonb AS same, userdir._rule_user('auth0|owner') - 'tier' = :'shown'::jsonb AS same_for_rules;
UPDATE userdir.users SET loyalty = 8 WHERE user_id = 'auth0|owner';
SELECT userdir.get_user('auth0|owner') ?| '{loyalty,note,tags}' AS shown, (SELECT loyalty FROM userdir.users WHERE user_id = 'auth0|owner') AS kept;
ALTER TABLE userdir.users DROP COLUMN loyalty, DROP COLUMN note, DROP COLUMN tags;
SELECT userdir.get_user('auth0|owner') - 'updated_at' = :'shown'::jsonb - 'updated_at' AS same;
