-- Rules that interrupt a login by a redirect, and the continuation
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set token_tools :abs_srcdir '/token_tools.sql'
\i :token_tools
SELECT userdir.create_connection('shop', 'auth0') IS NOT NULL AS created;
SELECT userdir.create_connection('github', 'github') IS NOT NULL AS created;
SELECT userdir.create_user('shop', '{"email": "ada@example.com", "user_id": "ada"}', 'Paper-Boat-1843') ->> 'user_id' AS user_id;
SELECT userdir.create_client('Web', '{"client_id": "web", "grant_types": ["password", "refresh_token", "authorization_code"]}') IS NOT NULL AS created;
CREATE SCHEMA app;
CREATE TABLE app.seen (n serial, protocol text, request jsonb, methods jsonb);
-- The terms have to be accepted; the answer comes back in the body.
CREATE FUNCTION app.terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO app.seen (protocol, request, methods) VALUES (NEW.context ->> 'protocol', NEW.context -> 'request', NEW.context #> '{authentication,methods}');
  IF NEW.user ->> 'terms' = 'accepted' THEN
    RETURN NEW;
  ELSIF NEW.context ->> 'protocol' <> 'redirect-callback' THEN
    NEW.redirect := 'https://shop.example.com/terms?v=2#top';
  ELSIF NEW.context #>> '{request,body,accepts}' = 'yes' THEN
    NEW.app_metadata := '{"terms": "accepted"}';
    NEW.id_token := NEW.id_token || '{"https://example.com/terms": 2}';
  ELSE
    NEW.denied := 'The terms were not accepted.';
  END IF;
  RETURN NEW;
END $$;
SELECT userdir.create_rule('terms', 'post_login', 'app.terms');
CREATE FUNCTION pg_temp.state(url text) RETURNS text LANGUAGE sql AS $$ SELECT substring(url FROM '[?&]state=([^&#]+)') $$;
CREATE FUNCTION pg_temp.log() RETURNS TABLE (type text, description text) LANGUAGE sql AS $$ SELECT g.type, g.description FROM userdir.logs g ORDER BY g.date DESC, g.log_id DESC LIMIT 1 $$;

SELECT outcome, description, user_id, id_token, access_token, session_id, redirect_url FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web', scope => 'openid', context => '{"ip": "192.0.2.7", "nonce": "n-1"}') \gset
SELECT :'outcome' AS outcome, :{?user_id} AS user_id, :{?id_token} AS id_token, :{?session_id} AS session_id, replace(:'redirect_url', pg_temp.state(:'redirect_url'), '...') AS redirect_url;
-- Nobody is logged in yet.
SELECT count(*) AS sessions FROM userdir.sessions;
SELECT count(*) AS logged FROM userdir.logs;
SELECT user_id, length(token_hash) AS hash, flow - 'methods' #- '{connection}' AS flow, expires_at - created_at AS lasts FROM userdir.login_continuations;
-- It goes on.
SELECT outcome, description, user_id, scope, redirect_url, pg_temp.claims(id_token) AS claims FROM userdir.continue_login(pg_temp.state(:'redirect_url'), '{"accepts": "yes"}', '{"ip": "192.0.2.8", "user_agent": "Mozilla/5.0"}');
SELECT protocol, request, jsonb_path_query_array(methods, '$[*].name') AS methods FROM app.seen ORDER BY n;
SELECT count(DISTINCT methods) AS one_authentication FROM app.seen;
SELECT app_metadata FROM userdir.users;
SELECT type, description, user_name, ip FROM userdir.logs ORDER BY date;
SELECT logins_count FROM userdir.user_logins;
SELECT count(*) FROM userdir.login_continuations;
-- A state is good once, and no other is.
SELECT outcome, description FROM userdir.continue_login(pg_temp.state(:'redirect_url'), '{"accepts": "yes"}');
SELECT outcome FROM userdir.continue_login('x.y');
SELECT outcome FROM userdir.continue_login('');
SELECT outcome FROM userdir.continue_login(NULL);
SELECT outcome FROM userdir.continue_login(repeat('x', 100000));
SELECT * FROM pg_temp.log();
SELECT pg_temp.try($$SELECT userdir.continue_login('x', '{}', '[]')$$);
-- Whoever was there already goes straight in.
SELECT outcome, redirect_url FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web');
SELECT userdir.update_user('auth0|ada', '{"app_metadata": {}}') IS NOT NULL AS forgotten;

-- Refusing at the second step; too late; blocked meanwhile; deleted; the password changed meanwhile.
SELECT redirect_url FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web') \gset
SELECT outcome, description FROM userdir.continue_login(pg_temp.state(:'redirect_url'), '{"accepts": "no"}');
SELECT * FROM pg_temp.log();
SELECT redirect_url FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web') \gset
UPDATE userdir.login_continuations SET expires_at = now() - interval '1 second';
SELECT outcome, description FROM userdir.continue_login(pg_temp.state(:'redirect_url'), '{"accepts": "yes"}');
SELECT redirect_url FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web') \gset
UPDATE userdir.users SET blocked = true;
SELECT outcome, description FROM userdir.continue_login(pg_temp.state(:'redirect_url'), '{"accepts": "yes"}');
UPDATE userdir.users SET blocked = false;
SELECT redirect_url FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web') \gset
SELECT userdir.set_password('auth0|ada', 'Second-Boat-1843');
SELECT outcome, description FROM userdir.continue_login(pg_temp.state(:'redirect_url'), '{"accepts": "yes"}');
SELECT redirect_url FROM userdir.login('shop', 'ada@example.com', 'Second-Boat-1843', 'web') \gset
SELECT userdir.set_session_lifetimes(2, 1);
SELECT count(*) FROM userdir.login('shop', 'ada@example.com', 'Second-Boat-1843', 'web');
SELECT max(expires_at - created_at) AS longest, min(expires_at - created_at) AS shortest FROM userdir.login_continuations;
-- No more than 20 wait.
SELECT count(*) FROM generate_series(1, 25) n, LATERAL userdir.login('shop', 'ada@example.com', 'Second-Boat-1843', 'web', context => jsonb_build_object('n', n)) l WHERE l.outcome = 'redirect';
SELECT count(*) FROM userdir.login_continuations;
SELECT outcome FROM userdir.continue_login(pg_temp.state(:'redirect_url'), '{"accepts": "yes"}');

-- Where nobody can be redirected.
SELECT outcome, description, redirect_url FROM userdir.login('shop', 'ada@example.com', 'Second-Boat-1843', 'web', context => '{"prompt": "none"}');
SELECT * FROM pg_temp.log();
SELECT userdir.disable_rule('terms');
SELECT refresh_token FROM userdir.issue_tokens('auth0|ada', 'web', scope => 'openid offline_access') \gset
SELECT userdir.enable_rule('terms');
SELECT outcome, description, id_token FROM userdir.refresh_tokens('web', :'refresh_token');
SELECT * FROM pg_temp.log();
-- Without a client, through a provider, and in issue_tokens() it goes as well.
SELECT redirect_url FROM userdir.login('shop', 'ada@example.com', 'Second-Boat-1843') \gset
SELECT outcome, user_id, id_token, session_id FROM userdir.continue_login(pg_temp.state(:'redirect_url'), '{"accepts": "yes"}');
SELECT redirect_url FROM userdir.federated_login('github', profile => '{"id": 1, "login": "octocat"}', client_id => 'web') \gset
SELECT outcome, user_id, pg_temp.part(id_token, 2) -> 'https://example.com/terms' AS terms FROM userdir.continue_login(pg_temp.state(:'redirect_url'), '{"accepts": "yes"}');
SELECT * FROM pg_temp.log();
SELECT userdir.update_user('auth0|ada', '{"app_metadata": {}}') IS NOT NULL AS forgotten;
SELECT outcome, redirect_url FROM userdir.issue_tokens('auth0|ada', 'web', scope => 'openid', context => '{"nonce": "n-2"}', id_token_claims => '{"mine": 1}') \gset
SELECT outcome, user_id, pg_temp.claims(id_token) AS claims FROM userdir.continue_login(pg_temp.state(:'redirect_url'), '{"accepts": "yes"}');
SELECT * FROM pg_temp.log();

-- What a page sends back cannot change what was asked for.
SELECT userdir.update_user('auth0|ada', '{"app_metadata": {}}') IS NOT NULL AS forgotten;
SELECT redirect_url FROM userdir.login('shop', 'ada@example.com', 'Second-Boat-1843', 'web', scope => 'openid', context => '{"nonce": "n-3"}') \gset
SELECT outcome, scope, pg_temp.part(id_token, 2) ->> 'nonce' AS nonce, pg_temp.part(id_token, 2) ->> 'aud' AS aud
  FROM userdir.continue_login(pg_temp.state(:'redirect_url'), '{"accepts": "yes"}', '{"client_id": "other", "scope": "openid email", "nonce": "forged", "protocol": "x", "session_id": "x", "audience": "urn:x"}');
-- One redirect in a login.
CREATE OR REPLACE FUNCTION app.terms() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.redirect := 'https://shop.example.com/again?'; RETURN NEW; END $$;
SELECT redirect_url FROM userdir.login('shop', 'ada@example.com', 'Second-Boat-1843', 'web') \gset
SELECT replace(:'redirect_url', pg_temp.state(:'redirect_url'), '...') AS redirect_url;
SELECT outcome, description, redirect_url FROM userdir.continue_login(pg_temp.state(:'redirect_url'));
SELECT * FROM pg_temp.log();
-- A user who is deleted takes them away.
SELECT count(*) FROM userdir.login('shop', 'ada@example.com', 'Second-Boat-1843', 'web');
SELECT userdir.delete_user('auth0|ada') AS deleted;
SELECT count(*) FROM userdir.login_continuations WHERE user_id = 'auth0|ada';
SET client_min_messages = warning;
DROP SCHEMA app CASCADE;
