-- Clients, resource servers, the issuer
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory

-- The issuer.
SELECT pg_temp.try($$SELECT userdir.issuer()$$);
SELECT userdir.set_issuer('https://login.example.com'), userdir.set_issuer('https://login.example.com///');
SELECT userdir.issuer();
SELECT userdir.set_issuer('https://login.example.com:8443/tenant/a'), userdir.set_issuer('http://localhost:8080'), userdir.set_issuer('http://[::1]/');
SELECT left(u, 40) AS url, pg_temp.try(format('SELECT userdir.set_issuer(%L)', u)) FROM unnest(ARRAY['http://login.example.com', 'login.example.com', 'https://', 'https://a/?q', 'https://a/#f', 'https://u@a/', 'ftp://a/', '', NULL, 'https://a b/', E'https://a/\n', 'https://' || repeat('a', 300)]) u;
SELECT userdir.set_session_lifetimes(24, 24) IS NOT NULL AS set;
SELECT session_lifetime, idle_session_lifetime FROM userdir.directory;
SELECT pg_temp.try(format('SELECT userdir.set_session_lifetimes(%s)', h)) FROM unnest('{"0, 0","8761, 1","2, 3","2401, 2401","NULL, 1","2, NULL"}'::text[]) h;

-- A client with every default, in each type of application.
SELECT jsonb_pretty(userdir.create_client('Web shop') - '{client_id,client_secret,created_at,updated_at}'::text[]);
SELECT t, c ->> 'client_id' ~ '^[A-Za-z0-9]{32}$' AS id, length(c ->> 'client_secret') AS secret, c ->> 'token_endpoint_auth_method' AS method, c ->> 'grant_types' AS grants
  FROM unnest('{native,spa,regular_web,non_interactive}'::text[]) t, LATERAL (SELECT userdir.create_client(t, jsonb_build_object('app_type', t)) OFFSET 0) x (c);
-- And one with all of them given.
SELECT userdir.create_client('App', '{"client_id": "app", "description": "d", "app_type": "native", "logo_uri": "https://x/l.png", "is_first_party": false, "oidc_conformant": false,
  "token_endpoint_auth_method": "client_secret_basic", "grant_types": ["password", "refresh_token"], "callbacks": ["app://cb"], "allowed_origins": ["https://a"], "web_origins": ["https://b"],
  "allowed_logout_urls": ["https://c"], "initiate_login_uri": "https://d", "jwt_configuration": {"alg": "HS256", "lifetime_in_seconds": 60},
  "refresh_token": {"rotation_type": "rotating", "leeway": 10, "token_lifetime": 3600}, "client_metadata": {"k": "v"}}', 'a-secret-of-another-service-12345') - '{created_at,updated_at}'::text[] AS client;
-- The secret is nowhere to be read.
SELECT count(*) AS shown FROM userdir.clients c WHERE strpos(c::text, 'a-secret-of-another') > 0 OR position('a-secret-of-another'::bytea IN c.sealed_secret) > 0;
SELECT userdir.get_client('app') ? 'client_secret' AS got, userdir.list_clients()::text ~ 'secret":' AS listed, userdir.update_client('app', '{}') ? 'client_secret' AS updated, userdir.get_client('nobody');
SELECT jsonb_path_query_array(userdir.list_clients(), '$[*].name') AS all, jsonb_path_query_array(userdir.list_clients('spa'), '$[*].name') AS spa;

-- Authenticating.
SELECT userdir.authenticate_client('app', 'a-secret-of-another-service-12345') AS right, userdir.authenticate_client('app', 'a-secret-of-another-service-12346') AS wrong,
       userdir.authenticate_client('app', 'a-secret-of-another-service-1234') AS shorter, userdir.authenticate_client('app', '') AS empty, userdir.authenticate_client('app') AS none, userdir.authenticate_client('nobody', 'x') AS nobody, userdir.authenticate_client(NULL, NULL) AS nothing;
SELECT userdir.update_client('app', '{"token_endpoint_auth_method": "none"}') ->> 'token_endpoint_auth_method' AS method;
SELECT userdir.authenticate_client('app') AS public, userdir.authenticate_client('app', 'wrong-but-given-anyway') AS wrong;
SELECT userdir.rotate_client_secret('app') ->> 'client_secret' AS new_secret \gset
SELECT userdir.authenticate_client('app', :'new_secret') AS new, userdir.authenticate_client('app', 'a-secret-of-another-service-12345') AS old;
SELECT userdir.rotate_client_secret('app', 'chosen-by-somebody-and-long-enough') ? 'client_secret' AS shown;
-- A secret that signs by HS256 has 32 bytes, and is no key in PEM; one that does not sign may be shorter, and its client does not come to sign.
SELECT pg_temp.try($$SELECT userdir.rotate_client_secret('app', 'chosen-by-somebody')$$), pg_temp.try($$SELECT userdir.create_client('x', '{"jwt_configuration": {"alg": "HS256"}}', repeat('x', 31))$$), pg_temp.try(format('SELECT userdir.create_client(%L, %L, %L)', 'x', '{"jwt_configuration": {"alg": "HS256"}}', '-----BEGIN PUBLIC KEY-----' || repeat('x', 32)));
SELECT userdir.create_client('Short', '{"client_id": "short"}', repeat('x', 31)) IS NOT NULL AS created, userdir.create_client('Multibyte', '{"client_id": "multibyte", "jwt_configuration": {"alg": "HS256"}}', repeat('é', 16)) IS NOT NULL AS created_by_bytes;
SELECT pg_temp.try($$SELECT userdir.update_client('short', '{"jwt_configuration": {"alg": "HS256"}}')$$), pg_temp.try($$SELECT userdir.update_client('short', '{"jwt_configuration": {"alg": "ES256"}}')$$), pg_temp.try($$SELECT userdir.rotate_client_secret('short', repeat('y', 16))$$);
SELECT userdir.rotate_client_secret('short', repeat('y', 32)) IS NOT NULL AS rotated, userdir.update_client('short', '{"jwt_configuration": {"alg": "HS256"}}') #>> '{jwt_configuration,alg}' AS alg;
SELECT pg_temp.try(format('SELECT userdir.create_resource_server(%L, %L, %L)', 'urn:pem', '{"signing_alg": "HS256"}', '-----BEGIN PUBLIC KEY-----' || repeat('x', 32)));
SELECT userdir.delete_client(c) FROM unnest('{short,multibyte}'::text[]) c;
SELECT userdir.authenticate_client('app', 'chosen-by-somebody-and-long-enough') AS chosen;
-- What is sealed for one client is of no use to another.
UPDATE userdir.clients SET sealed_secret = (SELECT sealed_secret FROM userdir.clients WHERE client_id = 'app') WHERE name = 'spa';
SELECT split_part(pg_temp.try(format($$SELECT userdir.authenticate_client(%L, 'chosen-by-somebody-and-long-enough')$$, client_id)), E'\n', 1) AS error FROM userdir.clients WHERE name = 'spa';

-- Changing.
SELECT userdir.update_client('app', '{"name": "App 2", "description": null, "app_type": null, "jwt_configuration": {"lifetime_in_seconds": 7200}, "refresh_token": null, "client_metadata": {"k": null, "l": "w"}, "callbacks": null}')
       - '{created_at,updated_at}'::text[] AS client;
SELECT userdir.update_client('app', '{"refresh_token": {"expiration_type": "expiring", "token_lifetime": 100}}') -> 'refresh_token' AS refresh_token;
SELECT userdir.update_client('app', '{"refresh_token": {"expiration_type": "expiring", "infinite_token_lifetime": true}}') -> 'refresh_token' AS refresh_token;
-- All settings at once, as an administrator's form sends them back.
SELECT userdir.update_client('app', c - '{client_id,created_at,updated_at}'::text[] || added) - 'updated_at' = (c || added) - 'updated_at' AS as_given
  FROM userdir.get_client('app') c, jsonb_build_object('description', 'All', 'app_type', 'spa', 'logo_uri', 'https://shop.example.com/logo', 'initiate_login_uri', 'https://shop.example.com/login') added;
SELECT pg_temp.try($$SELECT userdir.update_client('nobody', '{}')$$);
SELECT pg_temp.try($$SELECT userdir.rotate_client_secret('nobody')$$);
SELECT userdir.delete_client('app'), userdir.delete_client('app'), userdir.delete_client(NULL);

-- Refused.
SELECT s, pg_temp.try(format('SELECT userdir.create_client(%L, %L)', 'x', s)) FROM unnest(ARRAY[
  '[]', '["client_id"]', '"x"', '5', 'null', '{"nope": 1}', '{"name": "x"}', '{"app_type": "web"}', '{"app_type": 1}', '{"callbacks": "x"}', '{"callbacks": [1]}', '{"callbacks": [[]]}', '{"grant_types": ["magic"]}', '{"token_endpoint_auth_method": "tls"}',
  '{"jwt_configuration": []}', '{"jwt_configuration": {"alg": "none"}}', '{"jwt_configuration": {"lifetime_in_seconds": 0}}', '{"jwt_configuration": {"lifetime_in_seconds": 2592001}}', '{"jwt_configuration": {"lifetime_in_seconds": 1.5}}', '{"jwt_configuration": {"lifetime_in_seconds": 1e300}}', '{"jwt_configuration": {"x": 1}}',
  '{"refresh_token": {"rotation_type": "rotating", "expiration_type": "non-expiring"}}', '{"refresh_token": {"rotation_type": "rotating", "infinite_token_lifetime": true}}', '{"refresh_token": {"leeway": 61}}', '{"refresh_token": {"leeway": -1}}', '{"refresh_token": {"token_lifetime": 31557601}}',
  '{"refresh_token": {"expiration_type": "expiring", "token_lifetime": 10, "idle_token_lifetime": 11}}', '{"refresh_token": {"infinite_token_lifetime": false}}', '{"refresh_token": {"expiration_type": "expiring", "infinite_token_lifetime": true, "infinite_idle_token_lifetime": true}}', '{"refresh_token": {"rotation_type": "spinning"}}',
  '{"client_metadata": {"a": 1}}', '{"initiate_login_uri": "http://x"}', '{"client_id": 7}', '{"client_id": ""}', '{"client_id": "a b"}', '{"is_first_party": "yes"}']) s;
SELECT pg_temp.try($$SELECT userdir.create_client('')$$), pg_temp.try($$SELECT userdir.create_client(NULL)$$), pg_temp.try($$SELECT userdir.create_client('<b>')$$), pg_temp.try($$SELECT userdir.create_client('x', NULL)$$),
       pg_temp.try($$SELECT userdir.create_client('x', '{}', 'too short')$$), pg_temp.try($$SELECT userdir.create_client('x', '{}', repeat('x', 513))$$);
SELECT userdir.create_client('x', '{"client_id": "twice"}') IS NOT NULL AS created, pg_temp.try($$SELECT userdir.create_client('x', '{"client_id": "twice"}')$$);
SELECT pg_temp.try(format('SELECT userdir.create_client(%L, %L)', 'x', (SELECT jsonb_build_object('client_metadata', jsonb_object_agg(n, 'v')) FROM generate_series(1, 11) n)));

-- Resource servers.
SELECT userdir.create_resource_server('https://api.example.com/') - '{id,created_at,updated_at}'::text[] AS defaults;
SELECT userdir.create_resource_server('urn:orders', '{"name": "Orders", "scopes": [{"value": "read:orders", "description": "Read"}, {"value": "x"}], "signing_alg": "HS256", "token_lifetime": 60, "token_dialect": "rfc9068_profile_authz",
  "allow_offline_access": true, "skip_consent_for_verifiable_first_party_clients": false}') AS s \gset
SELECT :'s'::jsonb - '{id,created_at,updated_at,signing_secret}'::text[] AS server, length(:'s'::jsonb ->> 'signing_secret') AS secret, :'s'::jsonb ->> 'id' ~ '^[0-9a-f]{24}$' AS id;
SELECT userdir.get_resource_server(:'s'::jsonb ->> 'id') ->> 'identifier' AS by_id, userdir.get_resource_server('urn:orders') ? 'signing_secret' AS shown, userdir.get_resource_server('x'), jsonb_path_query_array(userdir.list_resource_servers(), '$[*].identifier') AS all;
SELECT userdir.update_resource_server('urn:orders', '{"token_lifetime": 30, "token_lifetime_for_web": null, "scopes": null}') - '{id,created_at,updated_at}'::text[] AS server;
SELECT userdir.update_resource_server('urn:orders', '{"signing_alg": "RS256"}') ? 'signing_secret' AS shown;
SELECT sealed_signing_secret IS NULL AS forgotten FROM userdir.resource_servers WHERE identifier = 'urn:orders';
SELECT length(userdir.update_resource_server('urn:orders', '{"signing_alg": "HS256"}') ->> 'signing_secret') AS made;
SELECT s, pg_temp.try(format('SELECT userdir.create_resource_server(%L, %L)', 'urn:x', s)) FROM unnest(ARRAY[
  '[]', '{"nope": 1}', '{"identifier": "x"}', '{"enforce_policies": true}', '{"token_lifetime": 0}', '{"token_lifetime": 2592001}', '{"token_lifetime": 10, "token_lifetime_for_web": 11}', '{"token_dialect": "x"}', '{"signing_alg": "none"}',
  '{"scopes": {}}', '{"scopes": ["read"]}', '{"scopes": [{"value": "a b"}]}', '{"scopes": [{"value": ""}]}', '{"scopes": [{}]}', '{"scopes": [{"value": "a"}, {"value": "a"}]}', '{"scopes": [{"value": "openid"}]}', '{"scopes": [{"value": "a", "x": 1}]}', '{"scopes": [{"value": "é"}]}']) s;
SELECT pg_temp.try($$SELECT userdir.create_resource_server('')$$), pg_temp.try($$SELECT userdir.create_resource_server(NULL)$$), pg_temp.try($$SELECT userdir.create_resource_server('a b')$$), pg_temp.try($$SELECT userdir.create_resource_server('urn:orders')$$),
       pg_temp.try($$SELECT userdir.create_resource_server('urn:y', '{}', 'a-secret-for-an-api-that-has-none')$$), pg_temp.try($$SELECT userdir.update_resource_server('urn:y', '{}')$$),
       pg_temp.try($$SELECT userdir.create_resource_server('urn:y', '{"signing_alg": "HS256"}', 'thirty-one-bytes-are-not-enough')$$);
-- What tokens name as their audience is one client, one API or userinfo(), however it came about.
SELECT userdir.create_resource_server('reporting') IS NOT NULL AS created, userdir.create_client('Page', '{"client_id": "page"}') IS NOT NULL AS created_too;
SELECT pg_temp.try($$SELECT userdir.create_client('x', '{"client_id": "reporting"}')$$), pg_temp.try($$SELECT userdir.create_resource_server('page')$$);
SELECT userdir.create_resource_server('https://login.example.com/userinfo') IS NOT NULL AS before_there_is_an_issuer;
SELECT pg_temp.try($$SELECT userdir.set_issuer('https://login.example.com')$$), userdir.delete_resource_server('https://login.example.com/userinfo') AS deleted;
SELECT userdir.set_issuer('https://login.example.com') AS issuer, pg_temp.try($$SELECT userdir.create_resource_server('https://login.example.com/userinfo')$$);
SELECT userdir.create_resource_server('https://other.example.com/userinfo') ->> 'identifier' AS of_another_issuer, userdir.create_client('Caps', '{"client_id": "Reporting"}') ->> 'client_id' AS other_case;
SELECT userdir.delete_resource_server('reporting') AS deleted, userdir.create_client('x', '{"client_id": "reporting"}') ->> 'client_id' AS then_it_is_free;
SELECT userdir.delete_resource_server('urn:orders'), userdir.delete_resource_server('urn:orders');
