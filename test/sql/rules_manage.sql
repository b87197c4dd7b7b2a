-- Managing rules: creating, ordering, switching, listing, trying; the configuration of rules
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set token_tools :abs_srcdir '/token_tools.sql'
\i :token_tools
SELECT userdir.create_connection('shop', 'auth0') IS NOT NULL AS created;
SELECT userdir.create_user('shop', '{"email": "ada@example.com", "user_id": "ada", "app_metadata": {"plan": "gold"}}', 'Paper-Boat-1843') ->> 'user_id' AS user_id;
SELECT userdir.create_client('Web', '{"client_id": "web", "grant_types": ["password"]}') IS NOT NULL AS created;
CREATE SCHEMA app;
CREATE TABLE app.runs (n serial, name text);
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO app.runs (name) VALUES (TG_NAME);
  NEW.id_token := NEW.id_token || '{"https://example.com/noted": true}';
  NEW.app_metadata := '{"noted": true}';
  RETURN NEW;
END $$;
CREATE FUNCTION app.plain() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app."Odd ""name"""() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
-- Which triggers run at a login.
CREATE FUNCTION pg_temp.runs() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE app.runs RESTART IDENTITY;
  PERFORM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
  RETURN (SELECT string_agg(name, ', ' ORDER BY n) FROM app.runs);
END $$;

-- Creating: behind all others, or at a place.
SELECT userdir.create_rule('one', 'post_login', 'app.note'), userdir.create_rule('two', 'post_login', 'app.note()'), userdir.create_rule('ten', 'post_login', 'app.note', 10),
       userdir.create_rule('eleven', 'post_login', 'app.note'), userdir.create_rule('zero', 'post_login', 'app.note', 0), userdir.create_rule('other stage', 'pre_login', 'app."Odd ""name"""'),
       userdir.create_rule('by regprocedure', 'post_change_password', 'app.note()'::regprocedure::text);
SELECT pg_temp.runs();
SELECT stage, "position", "order", name, trigger_name, state, function, owner FROM userdir.rules;
-- A rule is a trigger: this is what pg_dump would write.
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'userdir.post_login'::regclass ORDER BY tgname LIMIT 1;
-- What is no rule.
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_logout', 'app.note')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('x', NULL, 'app.note')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'users', 'app.note')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', 'app.missing')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', 'note')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', NULL)$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', 'app.plain')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', 'app.note(); DROP TABLE app.runs; --')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', 'app.note', 10)$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', 'app.note', -1)$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('x', 'post_login', 'app.note', 10000)$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('one', 'pre_login', 'app.note')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule('', 'post_login', 'app.note')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule(NULL, 'post_login', 'app.note')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule(repeat('x', 59), 'post_login', 'app.note')$$);
SELECT pg_temp.try($$SELECT userdir.create_rule(E'a\nb', 'post_login', 'app.note')$$);
SELECT length(userdir.create_rule(repeat('x', 58), 'post_login', 'app.note')) AS longest, userdir.drop_rule(repeat('x', 58));
SELECT userdir.create_rule('"; DROP TABLE app.runs; --', 'post_login', 'app.note', 9000);
SELECT userdir.drop_rule('"; DROP TABLE app.runs; --');

-- Switching off and on.
SELECT userdir.disable_rule('ten'), userdir.disable_rule('0001_one');
SELECT userdir.disable_rule('ten') AS again;
SELECT pg_temp.runs();
SELECT name, state FROM userdir.rules WHERE state = 'disabled';
SELECT userdir.enable_rule('ten'), userdir.enable_rule('two') AS was_on;
SELECT pg_temp.runs();
-- Names and places; what is switched off stays so.
SELECT userdir.rename_rule('one', 'uno'), userdir.move_rule('ten', 1234), userdir.move_rule('zero'), userdir.move_rule('uno', 1);
SELECT pg_temp.runs();
SELECT name, state FROM userdir.rules WHERE state = 'disabled';
SELECT userdir.move_rule('uno', 7);
SELECT userdir.enable_rule('uno');
SELECT pg_temp.runs();
SELECT pg_temp.try($$SELECT userdir.rename_rule('uno', 'two')$$);
SELECT pg_temp.try($$SELECT userdir.rename_rule('uno', '')$$);
SELECT pg_temp.try($$SELECT userdir.move_rule('uno', 2)$$);
SELECT pg_temp.try($$SELECT userdir.move_rule('uno', -1)$$);
SELECT pg_temp.try($$SELECT userdir.move_rule('missing', 3)$$);
SELECT pg_temp.try($$SELECT userdir.drop_rule('missing')$$);
SELECT pg_temp.try($$SELECT userdir.drop_rule(NULL)$$);
SELECT pg_temp.try($$SELECT userdir.enable_rule('uno', 'pre_login')$$);
SELECT pg_temp.try($$SELECT userdir.disable_rule('uno', 'nowhere')$$);
-- Triggers that were made by hand: without a number, in two stages.
CREATE TRIGGER hand INSTEAD OF INSERT ON userdir.post_login FOR EACH ROW EXECUTE FUNCTION app.note();
CREATE TRIGGER hand INSTEAD OF INSERT ON userdir.pre_login FOR EACH ROW EXECUTE FUNCTION app."Odd ""name"""();
SELECT stage, "order", name FROM userdir.rules WHERE name = 'hand';
SELECT pg_temp.try($$SELECT userdir.disable_rule('hand')$$);
SELECT userdir.disable_rule('hand', 'post_login');
SELECT pg_temp.runs();
SELECT userdir.rename_rule('hand', 'made by hand', 'post_login');
SELECT userdir.move_rule('made by hand', 3);
SELECT stage, "order", name, state FROM userdir.rules WHERE name ~ 'hand';
-- One that was dropped by hand leaves nothing for another of its name.
DROP TRIGGER "0003_made by hand" ON userdir.post_login;
SELECT userdir.create_rule('made by hand', 'post_login', 'app.note', 3);
SELECT name, state FROM userdir.rules WHERE name = 'made by hand';
SELECT userdir.drop_rule(name) FROM userdir.rules WHERE name NOT IN ('uno', 'hand');
SELECT userdir.drop_rule('hand');
SELECT userdir.list_rules() #- '{0,mean_ms}' #- '{0,calls}' AS rules;
-- The figures of this session.
SELECT calls FROM userdir.rules;
SELECT pg_temp.runs();
SELECT calls FROM userdir.rules;

-- Trying: one rule or all of a stage, with what they make of the event, and nothing is stored.
TRUNCATE app.runs;
SELECT t -> 'stage' AS stage, t -> 'outcome' AS outcome, t #> '{before,id_token}' AS before, t #> '{after,id_token}' AS after, t #> '{after,app_metadata}' AS app_metadata,
       t #>> '{before,context,clientName}' AS client, t #>> '{before,context,request,ip}' AS ip, t #> '{before,scope}' AS scope
  FROM userdir.try_rule('uno', 'auth0|ada', '{"client_id": "web", "ip": "192.0.2.7", "scope": "openid", "id_token": {"a": 1}}') t;
SELECT count(*) AS runs FROM app.runs;
SELECT app_metadata -> 'noted' AS stored FROM userdir.users;
SELECT type FROM userdir.logs WHERE date > (SELECT max(date) FROM userdir.logs WHERE type = 's');
SELECT calls FROM userdir.rules;
SELECT userdir.disable_rule('uno');
SELECT userdir.try_rule('uno', 'auth0|ada') #> '{after,id_token}' AS also_switched_off, userdir.try_rule(NULL, 'auth0|ada') #> '{after,id_token}' AS pipeline;
SELECT userdir.enable_rule('uno');
CREATE OR REPLACE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.runs (name) VALUES ('x'); NEW.denied := 'No.'; RETURN NEW; END $$;
SELECT t - '{before,after}'::text[] AS tried FROM userdir.try_rule('uno', 'auth0|ada') t;
CREATE OR REPLACE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken' USING HINT = 'mend it'; END $$;
SELECT t - 'before' AS tried FROM userdir.try_rule(NULL, 'auth0|ada') t;
CREATE OR REPLACE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken' USING ERRCODE = 'UD063'; END $$;
SELECT t - 'before' AS tried FROM userdir.try_rule(NULL, 'auth0|ada') t;
CREATE OR REPLACE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.app_metadata := '{"user_id": 1}'; RETURN NEW; END $$;
SELECT t - 'before' #- '{error,context}' AS tried FROM userdir.try_rule(NULL, 'auth0|ada') t;
SELECT count(*) AS runs FROM app.runs;
-- Every stage can be tried.
CREATE OR REPLACE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.context := NEW.context || '{"noted": true}'; RETURN NEW; END $$;
SELECT userdir.create_rule('in ' || s, s, 'app.note') FROM unnest(userdir._rule_stages()) s;
SELECT s AS stage, t -> 'outcome' AS outcome, t #> '{after,context,noted}' AS noted, (t -> 'before') ?& array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = ('userdir.' || s)::regclass AND a.attname IN ('user', 'identifier', 'client')) AS complete
  FROM unnest(userdir._rule_stages()) s, LATERAL userdir.try_rule('in ' || s, 'auth0|ada', '{"client_id": "web", "audience": "https://api.example.com/"}') t;
SELECT userdir.try_rule(NULL, NULL, '{"identifier": "who@example.com"}', 'pre_login') #> '{before,identifier}' AS identifier,
       userdir.try_rule(NULL, NULL, '{"user": {"email": "new@example.com"}}', 'pre_user_registration') #> '{before,user}' AS "user";
SELECT pg_temp.try($$SELECT userdir.try_rule('missing', 'auth0|ada')$$);
SELECT pg_temp.try($$SELECT userdir.try_rule(NULL, 'auth0|ada', '{}', 'nowhere')$$);
SELECT pg_temp.try($$SELECT userdir.try_rule(NULL, 'auth0|nobody')$$);
SELECT pg_temp.try($$SELECT userdir.try_rule(NULL, NULL)$$);
SELECT pg_temp.try($$SELECT userdir.try_rule(NULL, 'auth0|ada', '[]')$$);
SELECT pg_temp.try($$SELECT userdir.try_rule(NULL, NULL, '{"client_id": "nobody"}', 'credentials_exchange')$$);

-- The configuration: sealed, listed by its keys, read by rules alone.
SELECT userdir.set_configuration('api_key', 'first'), userdir.set_configuration('A-Z.0_9@*+:', 'a long secret'), userdir.set_configuration('empty', '');
SELECT userdir.set_configuration('api_key', E'second \u20ac "quoted"');
SELECT jsonb_path_query_array(userdir.list_configuration(), '$[*].key') AS keys, jsonb_path_exists(userdir.list_configuration(), '$[*].value') AS shows_values;
SELECT count(*) FROM userdir.rule_configuration WHERE encode(sealed_value, 'escape') ~ 'second|secret|quoted';
CREATE OR REPLACE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.id_token := jsonb_build_object('key', userdir.configuration('api_key'), 'long', userdir.configuration('A-Z.0_9@*+:'), 'empty', userdir.configuration('empty'),
                                     'missing', userdir.configuration('missing'), 'null', userdir.configuration(NULL));
  RETURN NEW;
END $$;
SELECT userdir.try_rule('uno', 'auth0|ada') #> '{after,id_token}' AS read;
SELECT pg_temp.try($$SELECT userdir.configuration('api_key')$$);
-- A value of one key is none of another.
UPDATE userdir.rule_configuration SET sealed_value = (SELECT sealed_value FROM userdir.rule_configuration WHERE key = 'empty') WHERE key = 'api_key';
SELECT userdir.try_rule('uno', 'auth0|ada') #> '{error,sqlstate}' AS sqlstate;
SELECT userdir.set_configuration('api_key', 'third');
-- The root key can be changed.
SELECT userdir.reseal_all() >= 0 AS resealed;
SELECT userdir.try_rule('uno', 'auth0|ada') #> '{after,id_token,key}' AS read;
SELECT userdir.delete_configuration('api_key'), userdir.delete_configuration('api_key') AS again;
SELECT userdir.try_rule('uno', 'auth0|ada') #> '{after,id_token,key}' AS read;
SELECT pg_temp.try($$SELECT userdir.set_configuration('', 'x')$$);
SELECT pg_temp.try($$SELECT userdir.set_configuration('a b', 'x')$$);
SELECT pg_temp.try($$SELECT userdir.set_configuration(repeat('x', 128), 'x')$$);
SELECT pg_temp.try($$SELECT userdir.set_configuration(NULL, 'x')$$);
SELECT pg_temp.try($$SELECT userdir.set_configuration('x', NULL)$$);
SET client_min_messages = warning;
DROP SCHEMA app CASCADE;
