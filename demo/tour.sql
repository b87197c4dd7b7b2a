-- # A directory
--
-- The extension brings the code; install() makes ordinary tables, owned by you.
\quiet
CREATE EXTENSION userdir;

SELECT * FROM userdir.install('demo');

SELECT * FROM userdir.version();

-- # Connections: where users come from
--
-- A name, a strategy, and options that are kept as they are.
SELECT userdir.create_connection('customers', 'auth0',
         '{"passwordPolicy": "good"}') ->> 'id' AS id;

\quiet
SELECT userdir.create_connection(name, strategy)
  FROM (VALUES ('google-oauth2', 'google-oauth2'), ('github', 'github'),
               ('linkedin', 'linkedin'), ('email', 'email'),
               ('acme-saml', 'samlp'), ('acme-ad', 'ad'), ('contoso', 'waad'))
       AS c (name, strategy);

SELECT kind, count(*) AS strategies FROM userdir.strategies() GROUP BY kind ORDER BY kind;

-- # What a provider sends, and what it becomes
--
-- GitHub tells the e-mail address in a second answer; the primary one counts.
-- Nothing is stored here.
\show json
SELECT jsonb_pretty(userdir.normalize_profile('github',
         '{"id": 583231, "login": "octocat", "name": "The Octocat", "email": null,
           "company": "Harbour"}',
         extras => '{"emails": [
           {"email": "old@example.com", "primary": false, "verified": true},
           {"email": "octocat@example.com", "primary": true, "verified": true}]}'));

-- The same from a SAML assertion: another shape, the same profile.
SELECT key, value FROM jsonb_each_text(userdir.normalize_profile('samlp',
         '{"issuer": "https://idp.acme.example/saml", "nameID": "ann",
           "attributes": {
             "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress":
               ["ann@acme.example"],
             "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname": ["Ann"]}}',
         'acme-saml'))
 WHERE key <> 'attributes';

-- # Users come in
--
-- A login creates the user or refreshes its profile. A few dozen more follow from a file.
SELECT u ->> 'user_id' AS user_id, u ->> 'name' AS name, u ->> 'email' AS email
  FROM userdir.upsert_from_connection('github',
         '{"id": 583231, "login": "octocat", "name": "The Octocat",
           "email": "octocat@example.com"}') u;

\quiet
\i demo/sample_users.sql

SELECT identities #>> '{0,connection}' AS connection, count(*) AS users,
       min(user_id) AS for_example
  FROM userdir.profiles GROUP BY 1 ORDER BY 1;

SELECT user_id, name, nickname, email FROM userdir.profiles ORDER BY name LIMIT 5;

-- # One transaction
--
-- The user and the application's own row commit together ...
BEGIN;
CREATE TABLE orders (
  id integer PRIMARY KEY, user_id text REFERENCES userdir.users, total numeric);
INSERT INTO orders
SELECT 1, u ->> 'user_id', 9.99
  FROM userdir.create_user('customers', '{"email": "jane@example.com", "user_id": "jane"}') u;
COMMIT;
SELECT o.id, p.user_id, p.email, o.total FROM orders o JOIN userdir.profiles p USING (user_id);

-- ... or roll back together.
BEGIN;
INSERT INTO orders
SELECT 2, u ->> 'user_id', 5
  FROM userdir.create_user('customers', '{"email": "max@example.com"}') u;
ROLLBACK;
SELECT userdir.get_users_by_email('max@example.com') AS max, count(*) AS orders FROM orders;

-- # Metadata
--
-- update_user() merges at the first level: a key replaces, null deletes.
SELECT u -> 'user_metadata' AS user_metadata
  FROM userdir.update_user('auth0|jane',
         '{"user_metadata": {"lang": "en", "ui": {"theme": "dark", "size": 13}}}') u;

SELECT u -> 'user_metadata' AS user_metadata
  FROM userdir.update_user('auth0|jane',
         '{"user_metadata": {"lang": null, "ui": {"size": 15}}}') u;

-- In plain SQL metadata is JSONB, with operators of its own beside PostgreSQL's.
SELECT m.document OPERATOR(userdir.|+) m.changes AS first_level,
       m.document OPERATOR(userdir.|++) m.changes AS deep
  FROM (VALUES ('{"lang": "en", "ui": {"size": 13}}'::jsonb,
                '{"ui": {"theme": "dark"}}'::jsonb)) AS m (document, changes);

UPDATE userdir.users SET app_metadata = app_metadata || '{"beta": true}'
 WHERE app_metadata ->> 'plan' = 'gold';
SELECT app_metadata, count(*) FROM userdir.users GROUP BY app_metadata ORDER BY count(*) DESC;

-- Every write is checked.
\error
UPDATE userdir.users SET app_metadata = '{"email": "x"}' WHERE user_id = 'auth0|jane';

\error
INSERT INTO userdir.users (user_id) VALUES ('auth0|by-hand');

\error
SELECT userdir.create_user('customers', '{"email": "JANE@example.com"}');

-- # Pages
SELECT u ->> 'user_id' AS user_id, u ->> 'email' AS email
  FROM jsonb_array_elements(userdir.list_users(
         page => 1, per_page => 3, sort => 'email:1', fields => 'user_id,email')) u;

-- # Search
--
-- Lucene queries, as a condition on any row ...
SELECT u.user_id, u.name, o.total FROM userdir.users u LEFT JOIN orders o USING (user_id)
 WHERE u OPERATOR(userdir.@@) 'email:*@acme.example OR email:jane@*' ORDER BY u.name LIMIT 5;

-- ... on everything in metadata ...
SELECT app_metadata, count(*) FROM userdir.users u
 WHERE u OPERATOR(userdir.@@) 'app_metadata.plan:(gold OR silver) OR _missing_:app_metadata'
 GROUP BY app_metadata ORDER BY count(*);

-- ... and as functions with pages, totals and any order.
\show json
SELECT jsonb_pretty(userdir.search_users('name:*an*', sort => 'family_name:1,created_at:-1',
         per_page => 2, include_totals => true, fields => 'user_id,name'));

-- The planner makes ordinary conditions of a query, and indexes serve them.
SELECT p ->> 'query' AS part, p ->> 'indexes' AS indexes
  FROM jsonb_array_elements(userdir.search_explain(
         'name:mar* AND app_metadata.plan:gold AND email:*@acme.example') -> 'parts') p;

\error
SELECT userdir.count_users('emial:jane@example.com');

-- # Signing up and logging in
--
-- What comes of it is a row, not an error: it is counted and logged, so commit it.
SELECT outcome, user_id IS NOT NULL AS created, verification_ticket IS NOT NULL AS ticket
  FROM userdir.signup('customers', '{"email": "ada@example.com", "name": "Ada"}',
         'Paper-Boat-1843', context => '{"ip": "192.0.2.7"}');

SELECT outcome, report ->> 'message' AS message
  FROM userdir.signup('customers', '{"email": "bob@example.com"}', 'bob');

SELECT outcome, user_id IS NOT NULL AS known FROM userdir.login('customers',
         'Ada@Example.com', 'Paper-Boat-1843', context => '{"ip": "192.0.2.7"}');

-- Passwords arrive in a type that prints nothing, and are stored as argon2id.
SELECT 'Paper-Boat-1843'::userdir.secret,
       userdir.password_hash_info(hash) ->> 'scheme' AS scheme
  FROM userdir.credentials JOIN userdir.users USING (user_id) WHERE email = 'ada@example.com';

-- Whoever guesses is stopped, from that address ...
SELECT n AS attempt, (userdir.login('customers', 'ada@example.com', 'guess ' || n,
                        context => '{"ip": "198.51.100.9"}')).outcome
  FROM generate_series(1, 11) n OFFSET 8;

SELECT outcome, description FROM userdir.login('customers', 'ada@example.com',
         'Paper-Boat-1843', context => '{"ip": "198.51.100.9"}');
SELECT (userdir.login('customers', 'ada@example.com', 'Paper-Boat-1843',
          context => '{"ip": "192.0.2.7"}')).outcome AS from_elsewhere;

-- ... until it is unblocked, or the password is changed.
SELECT userdir.user_blocks('ada@example.com') AS blocks;
SELECT userdir.unblock_user('ada@example.com');
SELECT (userdir.login('customers', 'ada@example.com', 'Paper-Boat-1843',
          context => '{"ip": "198.51.100.9"}')).outcome AS again;

-- All of it is in the log.
SELECT type, user_name, ip, count(*) FROM userdir.logs GROUP BY type, user_name, ip
 ORDER BY min(date), type LIMIT 8;

-- # Tokens
--
-- What the directory calls itself, a key to sign with, an application and the API it calls.
\quiet
SELECT userdir.set_issuer('https://login.acme.example');
SELECT userdir.create_signing_key('ES256'), userdir.create_signing_key('ES256');
SELECT userdir.create_client('Web shop', '{"client_id": "shop",
         "grant_types": ["password", "authorization_code", "refresh_token"],
         "jwt_configuration": {"alg": "ES256"},
         "refresh_token": {"rotation_type": "rotating"}}');
SELECT userdir.create_resource_server('https://api.acme.example/', '{"signing_alg": "ES256",
         "scopes": [{"value": "read:notes"}], "allow_offline_access": true}');

-- The public keys, which are to be served at /.well-known/jwks.json: this one, and the next.
\show json
SELECT jsonb_pretty(userdir.jwks());

-- A login for the application gives out tokens, by password as through a provider. Applications
-- send them to browsers; this table is for the tour alone.
CREATE TABLE given AS
SELECT * FROM userdir.login('customers', 'ada@example.com', 'Paper-Boat-1843', 'shop',
         'https://api.acme.example/', 'openid email read:notes offline_access',
         '{"ip": "192.0.2.7", "nonce": "n-1"}')
 UNION ALL
SELECT * FROM userdir.federated_login('github', NULL, '{"id": 583231, "login": "octocat"}',
         'shop', 'https://api.acme.example/', 'openid read:notes delete:notes',
         '{"ip": "192.0.2.8"}');
SELECT outcome, user_id IS NOT NULL AS known, token_type, expires_in, scope FROM given;

-- What is in them, once signature, times and audience were verified.
\show json
SELECT jsonb_pretty(userdir.verify_jwt(id_token, audience => 'shop'))
  FROM given WHERE scope LIKE '%email%';

\error
SELECT userdir.verify_jwt(id_token, audience => 'bank') FROM given LIMIT 1;

-- A refresh token is good once. Whoever uses it again has stolen it: all that came of it ends.
SELECT n AS time, (userdir.refresh_tokens('shop', refresh_token)).outcome
  FROM given, generate_series(1, 2) n WHERE refresh_token IS NOT NULL;

-- # Policies that know who is acting
--
-- A table of the application, and the role as which the application connects.
\quiet
CREATE TABLE notes (owner text NOT NULL DEFAULT userdir.user_id(), body text NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_notes ON notes USING (owner = userdir.user_id());
DO $$ BEGIN CREATE ROLE tour_app; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT SELECT, INSERT ON notes TO tour_app;
GRANT SELECT ON given TO tour_app;
SELECT userdir.grant_to('tour_app', 'identity');

-- A request is a transaction that begins with its token.
SET ROLE tour_app;
BEGIN;
SELECT userdir.authenticate(access_token, 'https://api.acme.example/') IS NOT NULL AS is_ada
  FROM given WHERE scope LIKE '%email%';
INSERT INTO notes (body) VALUES ('Water the plants') RETURNING body;
COMMIT;

-- The next one is somebody else's, and sees nothing of it.
SET ROLE tour_app;
BEGIN;
SELECT userdir.authenticate(access_token, 'https://api.acme.example/') AS user_id
  FROM given WHERE scope NOT LIKE '%email%';
SELECT count(*) AS notes, userdir.has_scope('read:notes') AS may_read FROM notes;
COMMIT;

-- # Rules
--
-- A rule is a trigger, in any language. It sees the user and the request, and says what goes
-- into the tokens, what is stored, and who may not come in.
\quiet
CREATE FUNCTION public.plan_to_token() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.id_token := jsonb_build_object('https://acme.example/plan',
                    coalesce(NEW."user" #> '{app_metadata,plan}', '"free"'));
  RETURN NEW;
END $$;
CREATE FUNCTION public.no_curl() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.context #>> '{request,userAgent}' LIKE 'curl/%' THEN
    NEW.denied := 'Please come with a browser.';
  END IF;
  RETURN NEW;
END $$;
SELECT userdir.create_rule('plan', 'post_login', 'public.plan_to_token'),
       userdir.create_rule('no curl', 'post_login', 'public.no_curl');

SELECT l.outcome, l.description,
       userdir.verify_jwt(l.id_token, 'shop') ->> 'https://acme.example/plan' AS plan
  FROM unnest('{Firefox/144,curl/8.17}'::text[]) agent, LATERAL userdir.login('customers',
         'ada@example.com', 'Paper-Boat-1843', 'shop',
         context => jsonb_build_object('ip', '192.0.2.7', 'user_agent', agent)) l;

SELECT stage, position, name, state, function FROM userdir.rules;

-- # Users who are still in another database
--
-- Here a table stands for it; two functions ask it, and the connection imports its users.
\quiet
CREATE SCHEMA crm;
CREATE TABLE crm.people (id text, email text, hash text);
INSERT INTO crm.people VALUES
  ('7', 'zoe@example.com', '$2b$04$745aPSJKC0VN1yD7qEP34ulOmdO65xZ7Hp6fxWAOjTrKosjCkkwKq');
CREATE FUNCTION crm.get_user(login text, context jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('user_id', p.id, 'email', p.email)
    FROM crm.people p WHERE p.email = login
$$;
CREATE FUNCTION crm.login(login text, password userdir.secret, context jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE p crm.people := (SELECT p FROM crm.people p WHERE p.email = login);
BEGIN
  IF p.id IS NOT NULL AND NOT userdir.password_matches(password, p.hash) THEN
    RAISE EXCEPTION 'wrong password' USING ERRCODE = 'UD060';
  END IF;
  RETURN crm.get_user(login, context);
END $$;
SELECT userdir.create_connection('old-shop', 'auth0');
SELECT userdir.set_custom_database('old-shop', 'import', 'crm.login', 'crm.get_user');

-- The first login brings the user over, with a hash of today ...
SELECT outcome, user_id FROM userdir.login('old-shop', 'zoe@example.com', 'Paper-Boat-7');

-- ... and the other database is not asked again.
DROP TABLE crm.people;
SELECT outcome, user_id FROM userdir.login('old-shop', 'zoe@example.com', 'Paper-Boat-7');

-- # It survives a dump
--
-- Nothing special is needed, and your own triggers, indexes and columns on the tables come
-- along.
\shell
dropdb --if-exists demo_copy && createdb demo_copy
pg_dump demo | psql -qX demo_copy >/dev/null

\shell
psql -qX -P footer=off demo_copy -c "SELECT count(*) AS users FROM userdir.users"
