-- A directory with a row in every table, made by the functions that applications call; run as its owner
-- in a cluster with the roles of sample_roles.sql.
--
-- Whoever adds a table adds rows of it here: the tests of dumps and upgrades follow these rows, and
-- refuse a table that is empty.
\set ON_ERROR_STOP on
SET TimeZone = 'UTC';
SET client_min_messages = warning;

SELECT userdir.grant_to('shop_reader', 'reader');
SELECT userdir.grant_to('shop "clerk"', 'editor');
SELECT userdir.grant_to('shop "clerk"', 'login');

SELECT userdir.create_connection('customers', 'auth0', '{"requires_username": true, "validation": {"username": {"min": 2, "max": 20}}, "passwordPolicy": "good", "password_history": {"enable": true}}', 'Customers', '{"team": "shop"}');
SELECT userdir.create_connection('mail', 'email');
SELECT userdir.create_connection('phone', 'sms');
SELECT userdir.create_connection('github', 'github', '{"set_user_root_attributes": "on_first_login", "non_persistent_attrs": ["bio"]}');
SELECT userdir.create_connection('partner', 'samlp', '{"attribute_map": {"email": "mail", "name": ["displayName", "cn"]}}');

SELECT userdir.create_connection('corp', 'oidc', '{"issuer": "https://idp.example.com", "client_id": "app"}');
SELECT userdir.set_connection_jwks('corp', '{"keys": [{"crv": "Ed25519", "kid": "ed25519", "kty": "OKP", "use": "sig", "x": "27wG1fa9BxrKNc1riwYZLbBm-qdlU8m_mLowzZkMGKY"}, {"crv": "P-256", "kid": "p-256", "kty": "EC", "use": "sig", "x": "irLs76Oa6rVlwOmE93bJ3V7eTerlv_eDhUXVgCDbylc", "y": "ZngOSJj0U4KE4u0eDfaR9ZdvSZoSklfCmwxZQ8Xnds0"}]}');
-- One consumer that is behind, in the middle of what it has read, and one that wants little.
SELECT userdir.create_consumer('mailer', '{user.created,user.email_changed,user.password_changed}', with_profile => true);
SELECT userdir.create_consumer('audit', '{user.deleted}', notify => false, retention => NULL);

SELECT userdir.create_user('customers', jsonb_build_object(
         'email', 'user' || n || '@example.com', 'username', 'user' || n, 'user_id', 'u' || n, 'given_name', 'Given ' || n,
         'blocked', n % 7 = 0, 'user_metadata', jsonb_build_object('lang', 'en', 'n', n, 'tags', jsonb_build_array('a', n, NULL)),
         'app_metadata', jsonb_build_object('plan', CASE n % 3 WHEN 0 THEN 'gold' ELSE 'free' END)))
  FROM generate_series(1, 40) n;
SELECT userdir.create_user('customers', '{"email": "kate@example.com", "username": "kate", "user_id": "kate", "name": "K\u00e1te \"Q\" O''Neil \\ \u20ac", "nickname": "tab\tnewline\nend", "user_metadata": {"\u00e4": "\u4e16\u754c", "empty": {}, "": [[]], "deep": {"a": {"b": [1.10, 1e400, "\\n"]}}}}');
SELECT userdir.create_user('mail', '{"email": "Letters@Example.com"}');
SELECT userdir.create_user('phone', '{"phone_number": "+15551230000"}');
SELECT userdir.upsert_from_connection('github', '{"id": 583231, "login": "octocat", "name": "The Octocat", "email": "octocat@example.com", "company": "Harbour", "bio": "x"}');
SELECT userdir.upsert_from_connection('partner', '{"nameID": "pat|1", "mail": "pat@partner.example", "cn": "Pat", "groups": ["a", "b"]}');
SELECT userdir.update_user('auth0|u1', '{"user_metadata": {"lang": null, "theme": "dark"}}');
SELECT userdir.update_user('auth0|u2', '{"email": "second@example.com"}');
SELECT userdir.delete_user('auth0|u3');

SELECT userdir.ack_events('mailer', 3) FROM (SELECT count(*) FROM userdir.read_events('mailer', 7)) r;

-- An earlier password, and what is known of breaches.
SELECT userdir._remember_password('auth0|kate', userdir._hash_password('an earlier one'), 5);
SELECT userdir.add_breached_passwords(E'96E58C52E52B5F3BCB307D3309264D420B60403C:12\n42AD4FF8BDD0125E98EEAA23146D7899EE77577E:3');
SELECT userdir.update_attack_protection('breached-password-detection', '{"enabled": true, "stage": {"pre-change-password": {"shields": ["block"]}}}');

-- Failed logins, enough for a block. The server is not preloaded with the library, so these are rows.
SELECT count(*) FROM generate_series(1, 10), userdir._attempt_failed('customers', 'kate@example.com', '192.0.2.1');
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"allowlist": ["198.51.100.0/24"]}');

-- Passwords, one changed and one of another system; what sign-ups and logins leave; tickets that nobody has used yet.
SELECT userdir.set_password('auth0|kate', 'Kates-First-Boat');
SELECT userdir.set_password('auth0|kate', 'Kates-Second-Boat');
SELECT userdir.set_password('auth0|u4', 'To-Be-Replaced-1');
UPDATE userdir.credentials SET hash = userdir._import_password_hash('{"algorithm": "md5", "hash": {"value": "5f4dcc3b5aa765d61d8327deb882cf99", "encoding": "hex"}}')
 WHERE user_id = 'auth0|u4';
SELECT outcome FROM userdir.signup('customers', '{"email": "sam@example.com", "username": "sam"}', 'Sams-Boat-1', context => '{"ip": "2001:db8::7", "user_agent": "Mozilla/5.0"}');
-- An application and an API, with sessions and tokens that nobody has used yet.
SELECT userdir.set_issuer('https://login.example.com/'), userdir.create_signing_key('RS256') IS NOT NULL AS key;
SELECT userdir.create_client('Web', '{"client_id": "web", "grant_types": ["password", "refresh_token"], "refresh_token": {"rotation_type": "rotating", "leeway": 30}, "client_metadata": {"team": "shop"}}') ? 'client_secret' AS client;
SELECT userdir.create_resource_server('https://api.example.com/', '{"scopes": [{"value": "read:orders", "description": "Read orders"}], "signing_alg": "HS256", "allow_offline_access": true}') ? 'identifier' AS api;
SELECT r.outcome FROM userdir.issue_tokens('auth0|kate', 'web', scope => 'openid offline_access', context => '{"ip": "192.0.2.51", "amr": ["pwd"]}') t, LATERAL userdir.refresh_tokens('web', t.refresh_token) r;
SELECT outcome FROM userdir.login('customers', 'sam', 'Sams-Boat-1', 'web', 'https://api.example.com/', 'openid', '{"ip": "192.0.2.50", "hostname": "shop.example.com"}');
SELECT outcome FROM userdir.login('customers', 'sam', 'wrong', context => '{"ip": "192.0.2.50"}');
SELECT outcome FROM userdir.federated_login('corp', 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJlbWFpbCI6ImpvaG5AZXhhbXBsZS5jb20iLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJuYW1lIjoiSm9obiBSb2UiLCJzdWIiOiJqb2huIn0.OXxwiKkxCIKGpYWPW7pP82Xd2yCqdh1odCfBdKHv2feR6gyo5CR6O_SioxxKqzozteBKqbtyZYgoV335TCiRLA', context => '{"ip": "192.0.2.51"}');
SELECT outcome FROM userdir.federated_login('corp', 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJleHAiOjE3MzU2OTMyMDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.SuwVXApZOIIn47m4QAXap9N1SCzqYARlxYLf5EVQKB8I4VjrwlPGzmobYqD5fF1BEzCAKzWQPnpgSHX-0K18kw');
SELECT length(userdir.request_password_change('customers', 'kate@example.com', 'web', result_url => 'https://shop.example.com/done'));
-- A custom database, which is asked by a function of an application's schema, and somebody in it who has forgotten a password.
CREATE SCHEMA crm;
CREATE FUNCTION crm.get_user(login text, context jsonb) RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT jsonb_build_object('user_id', 'crm-' || login, 'email', login) $$;
SELECT userdir.create_connection('crm', 'auth0', '{"enabledDatabaseCustomization": true, "import_mode": true, "customScripts": {"get_user": "crm.get_user"}}');
SELECT length(userdir.request_password_change('crm', 'ben@crm.example'));
-- An event of a month that has no partition.
INSERT INTO userdir.logs (date, log_id, type, user_id, details) VALUES ('2020-02-29 12:34:56.789Z', '1', 'f', 'auth0|u1', '{"a": [1.10, null]}');

-- Statistics of more users.
INSERT INTO userdir.user_logins (user_id, last_login, last_ip, logins_count)
  SELECT user_id, '2024-02-29 12:34:56.789Z', '2001:db8::1', 7 FROM userdir.users WHERE user_id ~ '[05]$'
  ON CONFLICT (user_id) DO UPDATE SET last_login = excluded.last_login, last_ip = excluded.last_ip, logins_count = excluded.logins_count;

-- Keys: two of our own, the private parts sealed, and one of another issuer.
SELECT userdir.create_signing_key('ES256'), userdir.create_signing_key('EdDSA');
SELECT userdir.import_verification_key('https://elsewhere.example/', '{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}');

-- Moments of another time than that of a restore.
ALTER TABLE userdir.users DISABLE TRIGGER zz_userdir_guard;
UPDATE userdir.users SET created_at = '2020-01-01 00:00:00.001Z', updated_at = '2021-06-01 12:00:00.5Z' WHERE user_id ~ '[1-4]$';
ALTER TABLE userdir.users ENABLE TRIGGER zz_userdir_guard;

-- What rules read, what an application may have for itself, and a login that a rule has interrupted.
SELECT userdir.set_configuration('greeting', 'good morning');
SELECT userdir.create_client_grant('web', 'https://api.example.com/', '{read:orders}') ? 'id' AS client_grant;
SELECT length(userdir._interrupt_login('auth0|u6', 'https://shop.example.com/terms', '{"kind": "tokens", "request": {"client_id": "web"}}'));
