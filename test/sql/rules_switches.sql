-- Whoever logs in next has the rules that there are then: made, switched off and on, and dropped, in the same transaction too
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set token_tools :abs_srcdir '/token_tools.sql'
\i :token_tools
SELECT userdir.create_connection('shop', 'auth0', metadata => '{"team": "a"}') IS NOT NULL AS created;
SELECT userdir.create_user('shop', '{"email": "ada@example.com", "user_id": "ada", "user_metadata": {"lang": "en"}, "app_metadata": {"plan": "gold", "roles": ["admin"]}}', 'Paper-Boat-1843') ->> 'user_id' AS user_id;
SELECT userdir.create_client('Web', '{"client_id": "web", "grant_types": ["password"]}') IS NOT NULL AS created;
CREATE SCHEMA app;
CREATE FUNCTION app.deny() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.denied := TG_NAME; RETURN NEW; END $$;
-- Plans that are kept must not keep rules.
PREPARE login AS SELECT outcome, description FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
EXECUTE login;
SELECT userdir.create_rule('deny', 'post_login', 'app.deny');
EXECUTE login;
SELECT userdir.disable_rule('deny');
EXECUTE login;
SELECT userdir.enable_rule('deny');
EXECUTE login;
SELECT userdir.drop_rule('deny');
EXECUTE login;

-- In one transaction, and when a part of it is taken back.
BEGIN;
SELECT userdir.create_rule('deny', 'post_login', 'app.deny');
EXECUTE login;
SAVEPOINT before;
SELECT userdir.disable_rule('deny');
EXECUTE login;
ROLLBACK TO before;
EXECUTE login;
SELECT userdir.disable_rule('deny');
EXECUTE login;
SELECT userdir.enable_rule('deny');
EXECUTE login;
SELECT userdir.drop_rule('deny');
EXECUTE login;
ROLLBACK;
EXECUTE login;

-- In a transaction that keeps its snapshot.
SELECT userdir.create_rule('deny', 'post_login', 'app.deny');
BEGIN ISOLATION LEVEL SERIALIZABLE;
EXECUTE login;
SELECT userdir.disable_rule('deny');
EXECUTE login;
COMMIT;
EXECUTE login;

-- Each stage and each trigger has its own switch: one of the same name elsewhere counts for nothing.
SELECT userdir.create_rule('first', 'pre_login', 'app.deny', 1);
EXECUTE login;
SELECT userdir.disable_rule('first'), userdir.enable_rule('deny');
EXECUTE login;
INSERT INTO userdir.disabled_rules (stage, name) VALUES ('pre_login', '0001_deny'), ('post_login', '0001_den'), ('post_login', '0001_deny2'), ('post_login', 'deny');
EXECUTE login;
TRUNCATE userdir.disabled_rules;
EXECUTE login;
SELECT userdir.drop_rule('first');
EXECUTE login;
-- By hand.
CREATE TRIGGER "0000" INSTEAD OF INSERT ON userdir.post_login FOR EACH ROW EXECUTE FUNCTION app.deny();
EXECUTE login;
ALTER TRIGGER "0000" ON userdir.post_login RENAME TO "9999";
EXECUTE login;
DROP TRIGGER "9999" ON userdir.post_login;
-- PostgreSQL has no other switch for triggers of a view.
ALTER TABLE userdir.post_login DISABLE TRIGGER "0001_deny";
ALTER VIEW userdir.post_login DISABLE TRIGGER ALL;
SET session_replication_role = replica;
EXECUTE login;
RESET session_replication_role;
-- Triggers of other kinds are no rules.
SELECT userdir.drop_rule('deny');
CREATE FUNCTION app.other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no rule'; END $$;
CREATE TRIGGER "0001" INSTEAD OF UPDATE ON userdir.post_login FOR EACH ROW EXECUTE FUNCTION app.other();
CREATE TRIGGER "0002" BEFORE INSERT ON userdir.post_login FOR EACH STATEMENT EXECUTE FUNCTION app.other();
EXECUTE login;
DROP TRIGGER "0001" ON userdir.post_login;
DROP TRIGGER "0002" ON userdir.post_login;

-- A rule that drops what follows, or switches it off: that holds from the next login on.
CREATE FUNCTION app.switch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM userdir.disable_rule('deny'); RETURN NEW; END $$;
SELECT userdir.create_rule('switch', 'post_login', 'app.switch', 1), userdir.create_rule('deny', 'post_login', 'app.deny', 2);
EXECUTE login;
EXECUTE login;
-- A trial runs one that is off, and of all only those that are on.
SELECT userdir.disable_rule('switch');
SELECT userdir.try_rule('deny', 'auth0|ada') ->> 'description' AS one, t ->> 'outcome' AS every, t -> 'before' = t -> 'after' AS same FROM userdir.try_rule(NULL, 'auth0|ada') t;
SELECT userdir.drop_rule(name) FROM userdir.rules;
-- And with no rule at all.
SELECT t ->> 'outcome' AS outcome, t -> 'before' = t -> 'after' AS same FROM userdir.try_rule(NULL, 'auth0|ada') t;

-- The user that rules get is that of get_user(), with app_metadata at its root.
CREATE TABLE app.seen (event jsonb);
CREATE FUNCTION app.look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.seen VALUES (to_jsonb(NEW)); RETURN NEW; END $$;
SELECT userdir.create_rule('look', 'post_login', 'app.look');
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', context => '{"ip": "2001:db8::7", "session_id": "ses_x", "query": null, "geoip": {"a": null, "b": [null]}, "body": {"x": null}}');
SELECT event -> 'user' = (u -> 'app_metadata') || u AS same, event #> '{user,plan}' AS plan, event #>> '{user,last_ip}' AS ip FROM app.seen, userdir.get_user('auth0|ada') u;
SELECT jsonb_pretty((event -> 'context') #- '{authentication,methods,0,timestamp}' #- '{connectionID}') AS context FROM app.seen;
SELECT userdir.drop_rule('look');
-- A rule that takes all scopes and claims away: none is granted, not those that were asked for.
SELECT userdir.set_issuer('https://login.example.com') IS NOT NULL AS issuer, userdir.create_signing_key('RS256') IS NOT NULL AS key;
CREATE FUNCTION app.nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.scope := NULL; NEW.id_token := '{}'; NEW.access_token := '{}'; RETURN NEW; END $$;
SELECT userdir.create_rule('nothing', 'post_login', 'app.nothing');
SELECT outcome, scope, id_token IS NULL AS no_id_token FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web');
EXECUTE login;
SELECT userdir.drop_rule('nothing');
CREATE FUNCTION app.null() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW := NULL; RETURN NEW; END $$;
SELECT userdir.create_rule('null', 'post_login', 'app.null');
EXECUTE login;
SELECT type, description FROM userdir.logs ORDER BY date DESC, log_id DESC LIMIT 1;
SELECT userdir.drop_rule('null');
-- A user whom a rule blocks or deletes is out, with a client and without.
CREATE FUNCTION app.block() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM userdir.update_user(NEW.user_id, '{"blocked": true}'); RETURN NEW; END $$;
CREATE FUNCTION app.erase() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM userdir.delete_user(NEW.user_id); RETURN NEW; END $$;
SELECT userdir.create_rule('block', 'post_login', 'app.block');
EXECUTE login;
SELECT userdir.drop_rule('block');
SELECT userdir.update_user('auth0|ada', '{"blocked": false}') ->> 'blocked' AS blocked;
SELECT userdir.create_rule('erase', 'post_login', 'app.erase');
EXECUTE login;
SELECT userdir.get_user('auth0|ada') AS gone;
SET client_min_messages = warning;
DROP SCHEMA app CASCADE;
