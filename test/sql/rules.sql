-- Rules of post_login: what they get, what they can do, and what comes of it
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set token_tools :abs_srcdir '/token_tools.sql'
\i :token_tools
SELECT userdir.create_connection('shop', 'auth0', '{"domain_aliases": ["example.com"], "secret": "x"}', metadata => '{"team": "a"}') IS NOT NULL AS created;
SELECT userdir.create_connection('github', 'github') IS NOT NULL AS created;
SELECT userdir.create_user('shop', '{"email": "ada@example.com", "user_id": "ada", "name": "Ada", "user_metadata": {"lang": "en", "a": 1}, "app_metadata": {"plan": "gold", "roles": ["admin"], "name": "not me"}}', 'Paper-Boat-1843') ->> 'user_id' AS user_id;
SELECT userdir.create_user('shop', '{"email": "bob@example.com", "user_id": "bob"}', 'Paper-Boat-1843') ->> 'user_id' AS user_id;
SELECT userdir.create_client('Web', '{"client_id": "web", "grant_types": ["password", "refresh_token", "authorization_code"], "client_metadata": {"group": "staff"}}') IS NOT NULL AS created;
SELECT userdir.create_resource_server('https://api.example.com/', '{"scopes": [{"value": "read:orders"}, {"value": "write:orders"}], "allow_offline_access": true}') IS NOT NULL AS created;
CREATE SCHEMA app;
CREATE TABLE app.seen (n serial, protocol text, event jsonb);
CREATE FUNCTION pg_temp.log() RETURNS TABLE (type text, description text, details jsonb) LANGUAGE sql AS $$
  SELECT g.type, g.description, g.details - 'context' FROM userdir.logs g ORDER BY g.date DESC, g.log_id DESC LIMIT 1 $$;

-- What a rule gets. It sees the login that is going on in the statistics.
CREATE FUNCTION app.look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO app.seen (protocol, event) VALUES (NEW.context ->> 'protocol', to_jsonb(NEW));
  RETURN NEW;
END $$;
SELECT userdir.create_rule('look', 'post_login', 'app.look');
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web', 'https://api.example.com/', 'openid read:orders unknown',
  '{"ip": "192.0.2.7", "user_agent": "Mozilla/5.0", "hostname": "shop.example.com", "geoip": {"country_code": "DE"}, "query": {"a": null}, "organization": {"id": "org_1"}}');
SELECT jsonb_pretty(jsonb_set(event, '{context,authentication,methods,0,timestamp}', '"now"') #- '{context,connectionID}' #- '{user,created_at}' #- '{user,updated_at}' #- '{user,last_login}' #- '{user,picture}') AS event FROM app.seen;
-- Every way to tokens runs rules, and says which it is.
TRUNCATE app.seen RESTART IDENTITY;
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
SELECT refresh_token, session_id, outcome FROM userdir.issue_tokens('auth0|ada', 'web', 'https://api.example.com/', 'openid offline_access read:orders', context => '{"protocol": "oauth2-device-code"}') \gset
SELECT :'outcome' AS outcome;
SELECT outcome FROM userdir.issue_tokens('auth0|ada', 'web', context => jsonb_build_object('session_id', :'session_id'));
SELECT outcome FROM userdir.refresh_tokens('web', :'refresh_token');
SELECT outcome FROM userdir.federated_login('github', profile => '{"id": 1, "login": "octocat"}');
-- These are none.
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'wrong');
SELECT outcome FROM userdir.authenticate_password('shop', 'ada@example.com', 'Paper-Boat-1843');
SELECT outcome FROM userdir.issue_tokens('auth0|ada', 'web', context => '{"session_id": "ses_x"}');
SELECT outcome FROM userdir.refresh_tokens('web', 'x');
SELECT userdir.create_user('shop', '{"email": "eve@example.com", "user_id": "eve"}', 'Paper-Boat-1843') ->> 'user_id' AS user_id;
SELECT outcome FROM userdir.signup('shop', '{"email": "sam@example.com"}', 'Paper-Boat-1843');
SELECT n, protocol, event ->> 'user_id' AS user_id, event #>> '{context,connection}' AS connection, event -> 'scope' AS scope, event #> '{context,clientID}' AS client,
       event #> '{context,sso,current_clients}' AS clients, event #>> '{context,sessionID}' = :'session_id' AS session, jsonb_array_length(event #> '{context,authentication,methods}') AS methods
  FROM app.seen ORDER BY n;
SELECT userdir.drop_rule('look');

-- Rules run in the order of their names, and each gets what the one before has returned.
CREATE FUNCTION app.first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.user := NEW.user || '{"score": 1}';
  NEW.context := NEW.context || '{"noted": true}';
  NEW.id_token := NEW.id_token || jsonb_build_object('https://example.com/plan', NEW.user -> 'plan', 'https://example.com/order', '["first"]'::jsonb);
  RETURN NEW;
END $$;
CREATE FUNCTION app.second() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.id_token := NEW.id_token || jsonb_build_object('https://example.com/order', NEW.id_token -> 'https://example.com/order' || '"second"',
                                                     'https://example.com/score', NEW.user -> 'score', 'https://example.com/noted', NEW.context -> 'noted');
  NEW.access_token := NEW.access_token || jsonb_build_object('https://example.com/name', NEW.user -> 'name');
  RETURN NEW;
END $$;
SELECT userdir.create_rule('second', 'post_login', 'app.second', 20), userdir.create_rule('first', 'post_login', 'app.first', 10);
SELECT id_token, access_token FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web', 'https://api.example.com/', 'openid') \gset
SELECT pg_temp.claims(:'id_token') - 'also' AS id_token;
SELECT pg_temp.claims(:'access_token') - 'also' AS access_token;
-- The user is as it was.
SELECT userdir.get_user('auth0|ada') ? 'score' AS stored;
-- The claims that whoever calls adds are there before.
SELECT pg_temp.part(id_token, 2) - '{iat,exp,auth_time,sid,at_hash}'::text[] AS id_token FROM userdir.issue_tokens('auth0|ada', 'web', scope => 'openid', id_token_claims => '{"https://example.com/mine": 1}');
SELECT userdir.drop_rule('first'), userdir.drop_rule('second');

-- Any trigger on the view is a rule, also one made by hand; others are not.
CREATE FUNCTION app.tag() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.id_token := NEW.id_token || jsonb_build_object('https://example.com/tags', coalesce(NEW.id_token ->> 'https://example.com/tags', '') || TG_NAME || '(' || coalesce(TG_ARGV[0], '') || ') ');
  ASSERT TG_OP = 'INSERT' AND TG_WHEN = 'INSTEAD OF' AND TG_LEVEL = 'ROW' AND TG_TABLE_NAME = 'post_login' AND TG_TABLE_SCHEMA = 'userdir' AND OLD IS NULL;
  RETURN NEW;
END $$;
CREATE FUNCTION app.never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
CREATE TRIGGER zeta INSTEAD OF INSERT ON userdir.post_login FOR EACH ROW EXECUTE FUNCTION app.tag('z');
CREATE TRIGGER "Alpha ""1""" INSTEAD OF INSERT OR UPDATE ON userdir.post_login FOR EACH ROW EXECUTE FUNCTION app.tag();
CREATE TRIGGER beta BEFORE INSERT ON userdir.post_login FOR EACH STATEMENT EXECUTE FUNCTION app.never();
CREATE TRIGGER gamma INSTEAD OF UPDATE ON userdir.post_login FOR EACH ROW EXECUTE FUNCTION app.never();
SELECT userdir.create_rule('made', 'post_login', 'app.tag');
SELECT pg_temp.part(id_token, 2) ->> 'https://example.com/tags' AS tags FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web');
DROP TRIGGER zeta ON userdir.post_login; DROP TRIGGER "Alpha ""1""" ON userdir.post_login; DROP TRIGGER beta ON userdir.post_login; DROP TRIGGER gamma ON userdir.post_login;
SELECT userdir.drop_rule('made');

-- One body for what follows: each time another one.
CREATE FUNCTION pg_temp.rule(body text) RETURNS void LANGUAGE plpgsql SET client_min_messages = warning AS $$
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION app.rule() RETURNS trigger LANGUAGE plpgsql AS %L', 'BEGIN ' || body || ' RETURN NEW; END');
  IF NOT EXISTS (SELECT FROM userdir.rules WHERE name = 'it') THEN
    PERFORM userdir.create_rule('it', 'post_login', 'app.rule');
  END IF;
END $$;

-- Claims: reserved ones are ignored, standard ones need their scope; null takes nothing away.
SELECT pg_temp.rule($$ NEW.id_token := '{"sub": "root", "iss": "x", "aud": "x", "exp": 1, "roles": ["x"], "permissions": [], "https://x.auth0.com/a": 1, "urn:auth0:a": 1, "email": "forged@example.com", "name": "Countess", "plain": 1, "https://example.com/ok": true, "nothing": null}';
  NEW.access_token := '{"sub": "root", "scope": "admin", "azp": "x", "email": "forged@example.com", "plain": 2}'; $$);
SELECT id_token, access_token FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web', 'https://api.example.com/', 'openid profile') \gset
SELECT pg_temp.claims(:'id_token') - 'also' AS id_token;
SELECT pg_temp.claims(:'access_token') - 'also' AS access_token;

-- Scopes are what the last rule leaves, also at a refresh.
SELECT pg_temp.rule($$ NEW.scope := array_remove(NEW.scope, 'write:orders') || '{"extra:scope"}'; $$);
SELECT scope, access_token, refresh_token FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web', 'https://api.example.com/', 'openid offline_access read:orders write:orders') \gset
SELECT :'scope' AS scope, pg_temp.part(:'access_token', 2) ->> 'scope' AS token_scope;
SELECT scope FROM userdir.refresh_tokens('web', :'refresh_token');
-- Without openid there is no ID token; a refresh token is no matter of rules.
SELECT pg_temp.rule($$ NEW.scope := '{offline_access,read:orders}'; $$);
SELECT outcome, scope, id_token, refresh_token FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web', 'https://api.example.com/', 'openid');
SELECT pg_temp.rule($$ NEW.scope := NULL; $$);
SELECT outcome, scope, id_token FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web');
SELECT pg_temp.rule($$ NEW.scope := '{"two words"}'; $$);
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web');
SELECT pg_temp.rule($$ NEW.scope := '{a,NULL}'; $$);
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web');
SELECT * FROM pg_temp.log();

-- Metadata is stored when a rule asks for it: merged, in one write, with the time of the change.
CREATE TABLE app.writes (n serial, user_id text);
CREATE FUNCTION app.note_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.writes (user_id) VALUES (NEW.user_id); RETURN NULL; END $$;
CREATE TRIGGER note_write AFTER UPDATE ON userdir.users FOR EACH ROW EXECUTE FUNCTION app.note_write();
SELECT pg_temp.rule($$ NEW.user_metadata := '{"a": null, "visits": 1}'; NEW.app_metadata := jsonb_build_object('seen', (coalesce((NEW.user ->> 'seen')::integer, 0) + 1)); $$);
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web');
SELECT outcome FROM userdir.issue_tokens('auth0|ada', 'web');
SELECT user_metadata, app_metadata FROM userdir.users WHERE user_id = 'auth0|ada';
SELECT count(*) AS writes FROM app.writes;
SELECT pg_temp.rule($$ NEW.user_metadata := '{}'; $$);
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
SELECT user_metadata FROM userdir.users WHERE user_id = 'auth0|ada';
-- What cannot be stored fails the login, and nothing is left.
SELECT pg_temp.rule($$ INSERT INTO app.seen (protocol) VALUES ('left behind'); NEW.app_metadata := '{"user_id": "x"}'; $$);
SELECT outcome, description FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
SELECT * FROM pg_temp.log();
SELECT count(*) FROM app.seen WHERE protocol = 'left behind';
-- Nor is anything when an application's own trigger on the users objects.
CREATE FUNCTION app.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no change today'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON userdir.users FOR EACH ROW EXECUTE FUNCTION app.refuse();
SELECT pg_temp.rule($$ NEW.app_metadata := '{"x": 1}'; $$);
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
SELECT * FROM pg_temp.log();
DROP TRIGGER refuse ON userdir.users;
DROP TRIGGER note_write ON userdir.users;

-- Denial, by the column or by the error; the reason is told, and no later rule runs. The login counts all the same.
SELECT userdir.create_rule('later', 'post_login', 'app.never');
SELECT logins_count FROM userdir.user_logins WHERE user_id = 'auth0|bob';
SELECT pg_temp.rule($$ IF NEW.user ->> 'email' <> 'ada@example.com' THEN NEW.denied := 'Only Ada may come in.'; NEW.app_metadata := '{"x": 1}'; END IF; $$);
SELECT outcome, description, user_id, notices, id_token, session_id FROM userdir.login('shop', 'bob@example.com', 'Paper-Boat-1843', 'web');
SELECT * FROM pg_temp.log();
SELECT outcome, description, user_id FROM userdir.issue_tokens('auth0|bob', 'web');
SELECT * FROM pg_temp.log();
SELECT logins_count FROM userdir.user_logins WHERE user_id = 'auth0|bob';
SELECT app_metadata FROM userdir.users WHERE user_id = 'auth0|bob';
SELECT pg_temp.rule($$ INSERT INTO app.seen (protocol) VALUES ('left behind'); RAISE EXCEPTION 'Come back at %.', 'noon' USING ERRCODE = 'UD061'; $$);
SELECT outcome, description FROM userdir.login('shop', 'bob@example.com', 'Paper-Boat-1843', 'web');
SELECT * FROM pg_temp.log();
SELECT outcome, description FROM userdir.federated_login('github', profile => '{"id": 1, "login": "octocat"}');
SELECT count(*) FROM app.seen WHERE protocol = 'left behind';
SELECT userdir.drop_rule('later');
-- At a refresh the token stays good.
SELECT pg_temp.rule('');
SELECT userdir.update_client('web', '{"refresh_token": {"rotation_type": "rotating", "expiration_type": "expiring"}}') IS NOT NULL AS updated;
SELECT refresh_token FROM userdir.issue_tokens('auth0|ada', 'web', scope => 'openid offline_access') \gset
SELECT pg_temp.rule($$ NEW.denied := 'Not now.'; $$);
SELECT outcome, description, user_id, refresh_token FROM userdir.refresh_tokens('web', :'refresh_token');
SELECT * FROM pg_temp.log();
SELECT pg_temp.rule($$ PERFORM 1 / 0; $$);
SELECT outcome, description FROM userdir.refresh_tokens('web', :'refresh_token');
SELECT * FROM pg_temp.log();
SELECT pg_temp.rule('');
SELECT outcome FROM userdir.refresh_tokens('web', :'refresh_token');

-- Any other error fails the login. The caller learns nothing, the log all; the rest of the transaction goes on.
SELECT pg_temp.rule($$ INSERT INTO app.seen (protocol) VALUES ('left behind'); RAISE EXCEPTION 'the secret is %', 42 USING ERRCODE = 'P0042', DETAIL = 'some detail', HINT = 'some hint'; $$);
BEGIN;
INSERT INTO app.seen (protocol) VALUES ('kept');
SELECT outcome, description FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web');
COMMIT;
SELECT * FROM pg_temp.log();
SELECT details ->> 'context' AS context FROM userdir.logs ORDER BY date DESC LIMIT 1;
SELECT protocol FROM app.seen WHERE protocol IN ('kept', 'left behind');
SELECT calls, failures, last_sqlstate, last_error, last_error_at > now() - interval '1 minute' AS lately, mean_ms > 0 AS timed FROM userdir.rules;
-- Not an error: a rule that handles its own.
SELECT pg_temp.rule($$ BEGIN PERFORM 1 / 0; EXCEPTION WHEN division_by_zero THEN NEW.id_token := NEW.id_token || '{"https://example.com/saved": true}'; END; $$);
SELECT outcome, pg_temp.part(id_token, 2) -> 'https://example.com/saved' AS saved FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web');
-- Errors that ask for the whole transaction to be tried again reach the caller.
SELECT pg_temp.rule($$ RAISE serialization_failure; $$);
SELECT pg_temp.try($$SELECT userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843')$$);
SELECT pg_temp.rule($$ RAISE deadlock_detected; $$);
SELECT userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
SELECT 'the session is well' AS afterwards;

-- primary_user, after accounts were linked.
SELECT pg_temp.rule($$ IF NEW.user_id = 'auth0|bob' THEN NEW.primary_user := 'auth0|ada'; NEW.app_metadata := '{"linked": true}'; END IF; $$);
SELECT outcome, user_id, pg_temp.part(id_token, 2) ->> 'sub' AS sub FROM userdir.login('shop', 'bob@example.com', 'Paper-Boat-1843', 'web');
SELECT user_id, app_metadata -> 'linked' AS linked FROM userdir.users WHERE user_id IN ('auth0|ada', 'auth0|bob') ORDER BY user_id;
SELECT user_id FROM userdir.sessions ORDER BY created_at DESC LIMIT 1;
SELECT pg_temp.rule($$ NEW.primary_user := 'auth0|nobody'; $$);
SELECT outcome FROM userdir.login('shop', 'bob@example.com', 'Paper-Boat-1843', 'web');
SELECT * FROM pg_temp.log();
SELECT pg_temp.rule('');
SELECT refresh_token FROM userdir.issue_tokens('auth0|bob', 'web', scope => 'openid offline_access') \gset
SELECT pg_temp.rule($$ NEW.primary_user := 'auth0|ada'; $$);
SELECT outcome FROM userdir.refresh_tokens('web', :'refresh_token');
SELECT description FROM pg_temp.log();
SELECT userdir.update_user('auth0|ada', '{"blocked": true}') ->> 'blocked' AS blocked;
SELECT outcome, description FROM userdir.login('shop', 'bob@example.com', 'Paper-Boat-1843', 'web');
SELECT userdir.update_user('auth0|ada', '{"blocked": false}') ->> 'blocked' AS blocked;
-- Whoever is blocked does not get as far as rules.
SELECT pg_temp.rule($$ INSERT INTO app.seen (protocol) VALUES ('blocked'); $$);
SELECT userdir.update_user('auth0|bob', '{"blocked": true}') ->> 'blocked' AS blocked;
SELECT outcome FROM userdir.login('shop', 'bob@example.com', 'Paper-Boat-1843');
SELECT outcome FROM userdir.issue_tokens('auth0|bob', 'web');
SELECT count(*) FROM app.seen WHERE protocol = 'blocked';
-- A user whom a rule blocks or deletes gets nothing.
SELECT pg_temp.rule($$ PERFORM userdir.update_user(NEW.user_id, '{"blocked": true}'); $$);
SELECT outcome, description FROM userdir.login('shop', 'eve@example.com', 'Paper-Boat-1843', 'web');
SELECT userdir.update_user('auth0|eve', '{"blocked": false}') ->> 'blocked' AS blocked;
SELECT pg_temp.rule($$ PERFORM userdir.delete_user(NEW.user_id); NEW.app_metadata := '{"x": 1}'; $$);
SELECT outcome FROM userdir.login('shop', 'eve@example.com', 'Paper-Boat-1843', 'web');
SELECT count(*) FROM userdir.users WHERE user_id = 'auth0|eve';
SELECT pg_temp.rule($$ PERFORM userdir.delete_user(NEW.user_id); $$);
SELECT outcome, description FROM userdir.login('shop', 'eve@example.com', 'Paper-Boat-1843', 'web');
SELECT count(*) FROM userdir.users WHERE user_id = 'auth0|eve';

-- Rules in other languages than PL/pgSQL: here one of the server's own, in C, which takes the row as it is.
SELECT userdir.drop_rule('it');
CREATE TRIGGER as_it_is INSTEAD OF INSERT ON userdir.post_login FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
SELECT * FROM pg_temp.log();
DROP TRIGGER as_it_is ON userdir.post_login;

-- The stages hold nothing.
SELECT (SELECT count(*) FROM userdir.post_login) + (SELECT count(*) FROM userdir.pre_login) + (SELECT count(*) FROM userdir.pre_user_registration)
     + (SELECT count(*) FROM userdir.post_user_registration) + (SELECT count(*) FROM userdir.post_change_password) + (SELECT count(*) FROM userdir.credentials_exchange) AS rows;
SET client_min_messages = warning;
DROP SCHEMA app CASCADE;
