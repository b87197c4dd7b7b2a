-- A database of somebody else, here a schema, and the actions that ask it.
-- Included with:  \set custom_database :abs_srcdir '/custom_database.sql'
--                 \i :custom_database
\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS legacy CASCADE;
CREATE SCHEMA legacy;
CREATE TABLE legacy.accounts (id text PRIMARY KEY, email text UNIQUE, name text, hash text, verified boolean DEFAULT false, asked jsonb);
CREATE TABLE legacy.calls (n integer GENERATED ALWAYS AS IDENTITY, action text, arguments text);

CREATE FUNCTION legacy.profile(a legacy.accounts) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('user_id', a.id, 'email', a.email, 'email_verified', a.verified, 'name', a.name,
                            'user_metadata', '{"theme": "dark"}'::jsonb, 'metadata', '{"plan": "gold"}'::jsonb) $$;
CREATE FUNCTION legacy.note(action text, VARIADIC arguments text[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO legacy.calls (action, arguments) VALUES (action, array_to_string(arguments, ' ', '-')) $$;

CREATE FUNCTION legacy.login(login text, password userdir.secret, context jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  account legacy.accounts;
BEGIN
  PERFORM legacy.note('login', login, context ->> 'connection', context ->> 'ip');
  SELECT a.* INTO account FROM legacy.accounts a WHERE a.email = lower(login) OR a.id = login;
  IF NOT FOUND THEN
    RETURN NULL;
  ELSIF NOT userdir.password_matches(password, account.hash) THEN
    RAISE EXCEPTION 'wrong password' USING ERRCODE = 'UD060', DETAIL = account.id;
  END IF;
  RETURN legacy.profile(account);
END $$;
CREATE FUNCTION legacy.get_user(login text, context jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  PERFORM legacy.note('get_user', login);
  RETURN (SELECT legacy.profile(a) FROM legacy.accounts a WHERE a.email = lower(login));
END $$;
-- An MD5 hash, for speed.
CREATE FUNCTION legacy.hash(password text) RETURNS text LANGUAGE sql AS $$
  SELECT '{MD5}' || encode(decode(md5(password), 'hex'), 'base64') $$;
CREATE FUNCTION legacy.create_account(profile jsonb, password userdir.secret, context jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM legacy.note('create', profile ->> 'email');
  IF profile ->> 'email' LIKE '%@blocked.example' THEN
    RAISE EXCEPTION 'This domain is not welcome.' USING ERRCODE = 'UD062', DETAIL = 'domain_refused';
  END IF;
  INSERT INTO legacy.accounts VALUES ('new-' || (profile ->> 'email'), profile ->> 'email', profile ->> 'name', legacy.hash(userdir.reveal(password)), false, profile);
END $$;
CREATE FUNCTION legacy.verify(email text, context jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM legacy.note('verify', email);
  UPDATE legacy.accounts a SET verified = true WHERE a.email = verify.email;
  RETURN FOUND;
END $$;
CREATE FUNCTION legacy.change_password(login text, password userdir.secret, context jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM legacy.note('change_password', login);
  UPDATE legacy.accounts a SET hash = legacy.hash(userdir.reveal(password)) WHERE a.email = login;
  RETURN FOUND;
END $$;
-- The context may be left out.
CREATE FUNCTION legacy.delete_account(id text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM legacy.note('delete', id);
  DELETE FROM legacy.accounts a WHERE a.id = delete_account.id;
END $$;
CREATE FUNCTION legacy.change_email(email text, new_email text, verified boolean, context jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM legacy.note('change_email', email, new_email, verified::text);
  UPDATE legacy.accounts a SET email = new_email, verified = change_email.verified WHERE a.email = change_email.email;
  RETURN FOUND;
END $$;
INSERT INTO legacy.accounts SELECT n, n || '@example.com', initcap(n), legacy.hash(n || '-Old-Boat-1')
  FROM unnest('{ann,ben,cyd,dan,eve,fay,gus,hal}'::text[]) n;

-- What a call left behind: in the log, and of actions that ran.
CREATE TABLE legacy.seen (log_id text);
CREATE FUNCTION legacy.trace() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  SELECT concat_ws(' / ', (SELECT string_agg(concat_ws(' ', c.action, c.arguments), ', ' ORDER BY c.n) FROM legacy.calls c),
                   (SELECT string_agg(concat_ws(' ', g.type, g.user_id, g.details #- '{function}'), ', ' ORDER BY g.date, g.log_id) FROM userdir.logs g
                     WHERE NOT EXISTS (SELECT FROM legacy.seen s WHERE s.log_id = g.log_id))) INTO result;
  DELETE FROM legacy.calls;
  INSERT INTO legacy.seen SELECT g.log_id FROM userdir.logs g WHERE NOT EXISTS (SELECT FROM legacy.seen s WHERE s.log_id = g.log_id);
  RETURN result;
END $$;
RESET client_min_messages;
\set ECHO all
