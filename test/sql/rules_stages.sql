-- The other stages of rules: before a login, sign-ups, changes of a password, applications' own tokens
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set token_tools :abs_srcdir '/token_tools.sql'
\i :token_tools
SELECT userdir.create_connection('shop', 'auth0') IS NOT NULL AS created;
SELECT userdir.create_connection('mail', 'email') IS NOT NULL AS created;
SELECT userdir.create_connection('github', 'github') IS NOT NULL AS created;
SELECT userdir.create_user('shop', '{"email": "ada@example.com", "user_id": "ada"}', 'Paper-Boat-1843') ->> 'user_id' AS user_id;
CREATE SCHEMA app;
CREATE FUNCTION pg_temp.log() RETURNS TABLE (type text, description text, details jsonb) LANGUAGE sql AS $$
  SELECT g.type, g.description, g.details - 'context' FROM userdir.logs g ORDER BY g.date DESC, g.log_id DESC LIMIT 1 $$;
CREATE TABLE app.seen (n serial, stage text, event jsonb);
CREATE FUNCTION app.look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO app.seen (stage, event) VALUES (TG_TABLE_NAME, to_jsonb(NEW));
  RETURN NEW;
END $$;
SELECT userdir.create_rule('look at ' || s, s, 'app.look') FROM unnest('{pre_login,pre_user_registration,post_user_registration,post_change_password,credentials_exchange}'::text[]) s;
-- One body for a stage.
CREATE FUNCTION pg_temp.rule(stage text, body text) RETURNS text LANGUAGE plpgsql SET client_min_messages = warning AS $$
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION app.%I() RETURNS trigger LANGUAGE plpgsql AS %L', rule.stage, 'BEGIN ' || body || ' RETURN NEW; END');
  IF NOT EXISTS (SELECT FROM userdir.rules WHERE name = 'my ' || rule.stage) THEN
    RETURN userdir.create_rule('my ' || rule.stage, rule.stage, 'app.' || rule.stage);
  END IF;
  RETURN NULL;
END $$;

-- pre_login: the name and the request, and nothing of a user; before the password is looked at.
SELECT outcome FROM userdir.login('shop', 'ADA@example.com', 'Paper-Boat-1843', context => '{"ip": "192.0.2.7"}');
SELECT outcome FROM userdir.login('shop', 'nobody@example.com', 'x');
SELECT event ->> 'identifier' AS identifier, (event #- '{context,connectionID}') - 'identifier' AS event FROM app.seen ORDER BY n;
SELECT pg_temp.rule('pre_login', $$ IF NEW.context #>> '{request,ip}' = '192.0.2.66' THEN NEW.denied := 'Not from there.'; END IF; $$);
SELECT outcome, description FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', context => '{"ip": "192.0.2.66"}');
SELECT outcome, description FROM userdir.login('shop', 'ada@example.com', 'wrong', context => '{"ip": "192.0.2.66"}');
SELECT outcome, description FROM userdir.login('shop', 'nobody@example.com', 'wrong', context => '{"ip": "192.0.2.66"}');
SELECT * FROM pg_temp.log();
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', context => '{"ip": "192.0.2.7"}');
-- What is refused so is no attempt: it neither counts nor logs in.
SELECT logins_count FROM userdir.user_logins WHERE user_id = 'auth0|ada';
SELECT pg_temp.rule('pre_login', $$ RAISE 'broken'; $$);
SELECT outcome, description FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');
SELECT * FROM pg_temp.log();
SELECT userdir.drop_rule('my pre_login'), userdir.drop_rule('look at pre_login');

-- Sign-ups: before and after. No password is shown.
TRUNCATE app.seen RESTART IDENTITY;
SELECT pg_temp.rule('pre_user_registration', $$ NEW.app_metadata := '{"plan": "free"}'; NEW.user_metadata := '{"lang": null, "from": "rule"}'; $$);
SELECT outcome, user_id ~ '^auth0\|' AS user_id FROM userdir.signup('shop', '{"email": "Sam@example.com", "name": "Sam", "user_metadata": {"lang": "en", "tz": "utc"}}', 'Paper-Boat-1843', context => '{"ip": "192.0.2.7"}');
SELECT n, stage, (event -> 'context') - '{connectionID,clientMetadata,connectionMetadata,connectionOptions,samlConfiguration,sso,authorization}'::text[] AS context FROM app.seen ORDER BY n;
SELECT n, (event -> 'user') - '{user_id,created_at,updated_at,picture,identities}'::text[] AS "user", event -> 'user_id' IS NOT NULL AS user_id FROM app.seen ORDER BY n;
SELECT count(*) FROM app.seen WHERE event::text LIKE '%Paper-Boat%' OR event::text LIKE '%argon2%';
SELECT user_metadata, app_metadata FROM userdir.users WHERE email = 'sam@example.com';
-- What rules may not store.
SELECT pg_temp.rule('pre_user_registration', $$ NEW.app_metadata := '{"user_id": "x"}'; $$);
SELECT outcome, description FROM userdir.signup('shop', '{"email": "tom@example.com"}', 'Paper-Boat-1843');
SELECT * FROM pg_temp.log();
-- What they change of the profile is not taken.
SELECT pg_temp.rule('pre_user_registration', $$ NEW.user := '{"email": "forged@example.com", "user_metadata": {"x": 1}}'; NEW.user_metadata := '{"y": 2}'; $$);
SELECT outcome FROM userdir.signup('shop', '{"email": "tom@example.com", "user_metadata": {"z": "3"}}', 'Paper-Boat-1843');
SELECT email, user_metadata, app_metadata FROM userdir.users WHERE email IN ('tom@example.com', 'forged@example.com');
-- Refused and failed sign-ups leave nothing.
SELECT pg_temp.rule('pre_user_registration', $$ IF NEW.user ->> 'email' NOT LIKE '%@example.com' THEN RAISE 'Use your work address.' USING ERRCODE = 'UD061'; END IF; $$);
SELECT outcome, description, user_id FROM userdir.signup('shop', '{"email": "tim@elsewhere.example"}', 'Paper-Boat-1843');
SELECT * FROM pg_temp.log();
SELECT pg_temp.rule('pre_user_registration', $$ NEW.denied := 'Nobody today.'; $$);
SELECT outcome, description, user_id FROM userdir.signup('shop', '{"email": "tim@example.com"}', 'Paper-Boat-1843');
SELECT pg_temp.rule('pre_user_registration', $$ PERFORM 1 / 0; $$);
SELECT outcome, description, user_id FROM userdir.signup('shop', '{"email": "tim@example.com"}', 'Paper-Boat-1843');
SELECT count(*) FROM userdir.users WHERE email LIKE 'tim@%';
SELECT userdir.drop_rule('my pre_user_registration');
-- Afterwards it is too late to refuse: the failure is logged, and nothing of what the rules did stays.
SELECT pg_temp.rule('post_user_registration', $$ INSERT INTO app.seen (stage) VALUES ('left behind'); RAISE 'mailer is down'; $$);
SELECT outcome FROM userdir.signup('shop', '{"email": "tim@example.com"}', 'Paper-Boat-1843');
SELECT type, description FROM userdir.logs ORDER BY date DESC, log_id DESC LIMIT 1;
SELECT count(*) FROM app.seen WHERE stage = 'left behind';
SELECT pg_temp.rule('post_user_registration', $$ INSERT INTO app.seen (stage) VALUES ('welcome ' || (NEW.user ->> 'email')); $$);
SELECT outcome FROM userdir.signup('shop', '{"email": "zoe@example.com"}', 'Paper-Boat-1843');
SELECT stage FROM app.seen WHERE stage LIKE 'welcome%';
SELECT userdir.drop_rule('my post_user_registration');
-- An administrator's create_user() and a provider's first login are no sign-ups; the first login without a password is.
TRUNCATE app.seen RESTART IDENTITY;
SELECT userdir.create_user('shop', '{"email": "eve@example.com"}', 'Paper-Boat-1843') IS NOT NULL AS created;
SELECT outcome FROM userdir.federated_login('github', profile => '{"id": 1, "login": "octocat"}');
SELECT pg_temp.rule('pre_user_registration', $$ NEW.app_metadata := '{"plan": "free"}'; $$);
SELECT outcome FROM userdir.federated_login('mail', profile => '{"email": "pat@example.com", "email_verified": true}');
SELECT outcome FROM userdir.federated_login('mail', profile => '{"email": "pat@example.com", "email_verified": true}');
SELECT stage, event #>> '{user,email}' AS email, event #>> '{context,connection}' AS connection FROM app.seen ORDER BY n;
SELECT app_metadata FROM userdir.users WHERE email = 'pat@example.com';
SELECT pg_temp.rule('pre_user_registration', $$ NEW.denied := 'By invitation only.'; $$);
SELECT outcome, description, user_id FROM userdir.federated_login('mail', profile => '{"email": "pia@example.com"}');
SELECT * FROM pg_temp.log();
SELECT outcome FROM userdir.federated_login('mail', profile => '{"email": "pat@example.com"}');
SELECT outcome, description FROM userdir.federated_login('mail', profile => '{"email": 7}');
SELECT count(*) FROM userdir.users WHERE email = 'pia@example.com';
SELECT userdir.drop_rule('my pre_user_registration');

-- Changes of a password: by an administrator, with the old one, by a ticket.
TRUNCATE app.seen RESTART IDENTITY;
SELECT userdir.set_password('auth0|ada', 'Second-Boat-1843');
SELECT outcome FROM userdir.change_password('shop', 'ada@example.com', 'Second-Boat-1843', 'Third-Boat-1843', context => '{"ip": "192.0.2.7"}');
SELECT outcome FROM userdir.change_password('shop', 'ada@example.com', 'wrong', 'Third-Boat-1843');
SELECT outcome FROM userdir.reset_password(userdir.create_password_change_ticket('auth0|ada'), 'Fourth-Boat-1843');
SELECT stage, event ->> 'user_id' AS user_id, event #>> '{user,email}' AS email, event #>> '{context,connection}' AS connection, event #>> '{context,request,ip}' AS ip FROM app.seen ORDER BY n;
SELECT count(*) FROM app.seen WHERE event::text LIKE '%-Boat-%' OR event::text LIKE '%argon2%';
SELECT pg_temp.rule('post_change_password', $$ RAISE 'mailer is down'; $$);
SELECT userdir.set_password('auth0|ada', 'Fifth-Boat-1843');
SELECT * FROM pg_temp.log();
SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Fifth-Boat-1843');

-- Tokens of applications, without a user.
TRUNCATE app.seen RESTART IDENTITY;
SELECT userdir.create_client('Batch', '{"client_id": "batch", "grant_types": ["client_credentials"], "client_metadata": {"team": "ops"}}') IS NOT NULL AS created;
SELECT userdir.create_client('Web', '{"client_id": "web", "grant_types": ["password"]}') IS NOT NULL AS created;
SELECT userdir.create_resource_server('https://api.example.com/', '{"scopes": [{"value": "read:orders"}, {"value": "write:orders"}, {"value": "all"}], "token_lifetime": 300}') IS NOT NULL AS created;
SELECT outcome, description, access_token IS NULL AS none FROM userdir.issue_client_tokens('batch', 'https://api.example.com/');
SELECT userdir.create_client_grant('batch', 'https://api.example.com/', '{read:orders,write:orders}') - 'id' AS client_grant;
SELECT pg_temp.try($$SELECT userdir.create_client_grant('batch', 'https://api.example.com/')$$);
SELECT pg_temp.try($$SELECT userdir.create_client_grant('nobody', 'https://api.example.com/')$$);
SELECT pg_temp.try($$SELECT userdir.create_client_grant('web', 'urn:none')$$);
SELECT pg_temp.try($$SELECT userdir.create_client_grant('web', NULL)$$);
SELECT pg_temp.try($$SELECT userdir.create_client_grant('web', 'https://api.example.com/', '{none}')$$);
SELECT pg_temp.try($$SELECT userdir.create_client_grant('web', 'https://api.example.com/', '{NULL}')$$);
SELECT userdir.create_client_grant('web', 'https://api.example.com/', NULL) - 'id' AS client_grant;
SELECT jsonb_array_length(userdir.list_client_grants()) AS all_grants, userdir.list_client_grants('batch') #- '{0,id}' AS of_batch, userdir.list_client_grants(audience => 'urn:none') AS none;
SELECT outcome, description FROM userdir.issue_client_tokens('web', 'https://api.example.com/');
SELECT outcome, description FROM userdir.issue_client_tokens('batch', 'https://api.example.com/', 'read:orders all');
SELECT pg_temp.try($$SELECT userdir.issue_client_tokens('batch', 'urn:none')$$);
SELECT pg_temp.try($$SELECT userdir.issue_client_tokens('nobody', 'https://api.example.com/')$$);
SELECT outcome FROM userdir.issue_client_tokens('batch', NULL);
SELECT outcome, token_type, expires_in, scope, access_token FROM userdir.issue_client_tokens('batch', 'https://api.example.com/', ' read:orders ', '{"ip": "192.0.2.9"}') \gset
SELECT :'outcome' AS outcome, :'token_type' AS token_type, :expires_in AS expires_in, :'scope' AS scope, pg_temp.claims(:'access_token') AS claims;
SELECT jsonb_pretty(event) AS event FROM app.seen;
SELECT type, client_id, audience, scope, ip FROM userdir.logs ORDER BY date DESC LIMIT 1;
SELECT pg_temp.rule('credentials_exchange', $$ NEW.scope := NEW.scope || '{extra}'; NEW.access_token := jsonb_build_object('https://example.com/team', NEW.client #> '{metadata,team}', 'sub', 'root'); $$);
SELECT scope, pg_temp.claims(access_token) AS claims FROM userdir.issue_client_tokens('batch', 'https://api.example.com/');
SELECT pg_temp.rule('credentials_exchange', $$ NEW.access_token := '{"https://example.com/large": 1e500}'; $$);
SELECT pg_temp.try($$SELECT userdir.issue_client_tokens('batch', 'https://api.example.com/')$$);
SELECT pg_temp.rule('credentials_exchange', $$ NEW.denied := 'Not on Sundays.'; $$);
SELECT outcome, description, access_token IS NULL AS none FROM userdir.issue_client_tokens('batch', 'https://api.example.com/');
SELECT * FROM pg_temp.log();
SELECT pg_temp.rule('credentials_exchange', $$ NEW.scope := '{"a b"}'; $$);
SELECT outcome, description, access_token IS NULL AS none FROM userdir.issue_client_tokens('batch', 'https://api.example.com/');
SELECT type, description FROM pg_temp.log();
SELECT userdir.drop_rule('my credentials_exchange');
SELECT userdir.delete_client_grant(g ->> 'id') FROM jsonb_array_elements(userdir.list_client_grants('batch')) g;
SELECT userdir.delete_client_grant('cgr_none');
SELECT outcome FROM userdir.issue_client_tokens('batch', 'https://api.example.com/');
-- A grant goes with its application and its API.
SELECT userdir.delete_client('web') AS deleted;
SELECT userdir.list_client_grants() AS client_grants;
SET client_min_messages = warning;
DROP SCHEMA app CASCADE;
