-- Giving out tokens: login() and issue_tokens(), scopes, claims, lifetimes, opaque and signed access tokens
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set token_tools :abs_srcdir '/token_tools.sql'
\i :token_tools
SELECT userdir.create_connection('shop', 'auth0') IS NOT NULL AS created;
SELECT userdir.create_user('shop', '{"email": "ada@example.com", "user_id": "ada", "name": "Ada", "given_name": "Ada", "phone_number": "+15551230000", "user_metadata": {"lang": "en"}, "app_metadata": {"plan": "gold"}}', 'Paper-Boat-1843') ->> 'user_id' AS user_id;
UPDATE userdir.users SET attributes = '{"middle_name": "King", "address": {"country": "GB"}}' WHERE user_id = 'auth0|ada';
SELECT userdir.create_client('Web', '{"client_id": "web", "grant_types": ["password", "refresh_token"], "jwt_configuration": {"lifetime_in_seconds": 600}}') IS NOT NULL AS created;
SELECT userdir.create_client('Machine', '{"client_id": "machine", "app_type": "non_interactive"}') IS NOT NULL AS created;
SELECT userdir.create_resource_server('https://api.example.com/', '{"scopes": [{"value": "read:orders"}, {"value": "write:orders"}], "token_lifetime": 300, "token_lifetime_for_web": 100, "allow_offline_access": true}') IS NOT NULL AS created;
SELECT userdir.create_resource_server('urn:strict', '{"scopes": [{"value": "x"}], "token_dialect": "rfc9068_profile"}') IS NOT NULL AS created;

CREATE FUNCTION pg_temp.code(statement text) RETURNS text LANGUAGE sql AS $$ SELECT split_part(pg_temp.try(statement), ':', 1) $$;

-- Without a client nothing is given out, and nothing is asked of audience and scope.
SELECT outcome, user_id, id_token, access_token, refresh_token, token_type, expires_in, scope, session_id FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', audience => 'urn:unknown', scope => 'openid');
SELECT count(*) AS sessions FROM userdir.sessions;

-- For a client: an ID token and an opaque access token.
SELECT * FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web', context => '{"ip": "192.0.2.7", "user_agent": "Mozilla/5.0", "nonce": "n-1", "amr": ["pwd", "otp"], "acr": "urn:x"}') \gset
SELECT :'outcome' AS outcome, :'token_type' AS token_type, :expires_in AS expires_in, :'scope' AS scope, :'session_id' ~ '^ses_[A-Za-z0-9]{32}$' AS session_id, :{?refresh_token} AS refresh_token, :'access_token' ~ '^at_[\w-]+\.\w{16}\.[\w-]{64}$' AS opaque;
SELECT pg_temp.part(:'id_token', 1) - 'kid' AS header, pg_temp.claims(:'id_token') AS claims;
-- What the claims have to be, worked out otherwise.
SELECT c ->> 'sid' = :'session_id' AS sid, c ->> 'at_hash' = rtrim(translate(encode(substr(sha256(:'access_token'), 1, 16), 'base64'), '+/', '-_'), '=') AS at_hash,
       c ->> 'updated_at' = to_char(u.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS updated_at, c ->> 'picture' = u.picture AS picture,
       (c ->> 'auth_time')::bigint = floor(extract(epoch FROM s.authenticated_at)) AS auth_time
  FROM pg_temp.part(:'id_token', 2) c, userdir.users u, userdir.sessions s;
SELECT userdir.verify_jwt(:'id_token', audience => 'web', issuer => 'https://login.example.com/') ->> 'sub' AS verified;

-- Each scope, and what it brings. Unknown ones and those of another API are dropped, twice is once.
SELECT s, l.scope, pg_temp.claims(l.id_token) - '{iss,aud,lifetime,now}'::text[] AS id_token, pg_temp.part(l.access_token, 2) -> 'scope' AS in_access_token
  FROM unnest('{openid,profile,"openid profile","openid email","openid phone","openid address","openid read:orders x write:orders nonsense","write:orders read:orders write:orders"," openid  email ",email,nonsense}'::text[]) WITH ORDINALITY s (s, place),
       LATERAL userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web', 'https://api.example.com/', s) l ORDER BY place;

-- What is no list of scopes is an error, and not a login without them; unless nobody asks for tokens.
SELECT s, pg_temp.try(format('SELECT userdir.login(''shop'', ''ada@example.com'', ''Paper-Boat-1843'', ''web'', scope => %L)', s)) AS login, pg_temp.code(format('SELECT userdir.issue_tokens(''auth0|ada'', ''web'', scope => %L)', s)) AS issued,
       pg_temp.code(format('SELECT userdir.refresh_tokens(''web'', ''x'', %L)', s)) AS refreshed, pg_temp.code(format('SELECT userdir.issue_client_tokens(''web'', ''urn:strict'', %L)', s)) AS by_the_client
  FROM unnest(ARRAY['["openid", "email"]', '["openid"]', '"openid"', E'openid\nemail', E'openid\temail', 'openid émail', E'openid\\', 'openid,email', 'openid, email', ',']) s;
SELECT pg_temp.try($$SELECT userdir.issue_tokens('auth0|ada', 'web', context => '{"scope": ["openid"]}')$$) AS in_context, pg_temp.code($$SELECT userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', scope => 'openid,email')$$) AS without_a_client;
SELECT userdir.create_resource_server('urn:comma', '{"scopes": [{"value": "a,b"}]}') IS NOT NULL AS created, (SELECT scope FROM userdir.issue_tokens('auth0|ada', 'web', 'urn:comma', '  a,b  openid ')) AS a_scope_with_a_comma, userdir.delete_resource_server('urn:comma') AS deleted;

-- Signed access tokens in both dialects: audiences, lifetimes, who asked.
SELECT a, s, expires_in, pg_temp.part(l.access_token, 1) - 'kid' AS header, pg_temp.claims(l.access_token) AS claims
  FROM (VALUES ('https://api.example.com/', 'read:orders'), ('https://api.example.com/', 'openid read:orders'), ('urn:strict', 'x'), ('urn:strict', 'openid')) r (a, s),
       LATERAL userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web', a, s) l;
SELECT a, expires_in, pg_temp.claims(l.access_token) AS claims
  FROM (VALUES ('https://api.example.com/'), ('urn:strict')) r (a), LATERAL userdir.issue_tokens('auth0|ada', 'web', a, 'openid x read:orders', '{"protocol": "oidc-implicit-profile"}') l;
SELECT a, expires_in, left(access_token, 3) AS kind FROM (VALUES (NULL), ('https://login.example.com/userinfo')) r (a), LATERAL userdir.issue_tokens('auth0|ada', 'web', a, 'openid', '{"protocol": "oidc-implicit-profile"}') l;

-- Refresh tokens: for whom they are, and where the API does not want them.
SELECT c, a, l.scope, l.refresh_token IS NOT NULL AS refresh_token
  FROM (VALUES ('web', NULL), ('web', 'https://api.example.com/'), ('web', 'urn:strict'), ('machine', NULL)) r (c, a), LATERAL userdir.issue_tokens('auth0|ada', c, a, 'openid offline_access') l;

-- What a client may not, whom it may not know.
SELECT outcome, description, user_id, access_token FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'machine');
SELECT pg_temp.try($$SELECT userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'nobody')$$), pg_temp.try($$SELECT userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web', 'urn:unknown')$$),
       pg_temp.try($$SELECT userdir.issue_tokens('auth0|ada', 'nobody')$$), pg_temp.try($$SELECT userdir.issue_tokens('auth0|ada', NULL)$$), pg_temp.try($$SELECT userdir.issue_tokens('auth0|ada', 'web', 'urn:unknown')$$),
       pg_temp.try($$SELECT userdir.issue_tokens('auth0|nobody', 'web')$$), pg_temp.try($$SELECT userdir.issue_tokens(NULL, 'web')$$);
SELECT left(x, 60) AS context, pg_temp.try(format('SELECT userdir.issue_tokens(%L, %L, context => %L)', 'auth0|ada', 'web', x))
  FROM unnest(ARRAY['[]', '{"nonce": 1}', '{"amr": "pwd"}', '{"amr": [1]}', '{"acr": {}}', '{"session_id": 7}', '{"authentication": {"methods": "pwd"}}', jsonb_build_object('nonce', repeat('x', 1025))::text, '{"ip": "x"}']) x;

-- Sessions: a new one for each login, an old one when it is named and holds.
SELECT session_id FROM userdir.issue_tokens('auth0|ada', 'web', context => '{"ip": "192.0.2.7", "user_agent": "one", "authentication": {"methods": [{"name": "federated", "timestamp": "2024-01-01T00:00:00.000Z"}]}}') \gset s_
SELECT outcome, session_id = :'s_session_id' AS same, pg_temp.part(id_token, 2) ->> 'auth_time' = (SELECT floor(extract(epoch FROM authenticated_at))::text FROM userdir.sessions WHERE session_id = :'s_session_id') AS auth_time
  FROM userdir.issue_tokens('auth0|ada', 'machine', context => jsonb_build_object('session_id', :'s_session_id', 'ip', '192.0.2.8', 'user_agent', 'two'));
SELECT s - '{id,created_at,updated_at,authenticated_at,idle_expires_at,expires_at,last_interacted_at}'::text[] AS session FROM userdir.get_session(:'s_session_id') s;
-- A login with a password begins its own, whatever the context names: nobody is put into the session of another.
SELECT outcome, session_id <> :'s_session_id' AS another FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web', context => jsonb_build_object('session_id', :'s_session_id'));
SELECT userdir.create_user('shop', '{"email": "eve@example.com", "user_id": "eve"}') ->> 'user_id' AS user_id;
SELECT outcome, description, access_token FROM userdir.issue_tokens('auth0|eve', 'web', context => jsonb_build_object('session_id', :'s_session_id'));
SELECT outcome FROM userdir.issue_tokens('auth0|ada', 'web', context => '{"session_id": "ses_none"}');
UPDATE userdir.sessions SET idle_expires_at = now() - interval '1 second' WHERE session_id = :'s_session_id';
SELECT outcome, userdir.get_session(:'s_session_id') AS session FROM userdir.issue_tokens('auth0|ada', 'web', context => jsonb_build_object('session_id', :'s_session_id'));

-- Claims that others add: what is reserved stays as it is, what needs a scope is not there without it.
SELECT pg_temp.claims(id_token) AS id_token, pg_temp.claims(access_token) AS access_token
  FROM userdir.issue_tokens('auth0|ada', 'web', 'https://api.example.com/', 'openid email read:orders',
    id_token_claims => '{"https://shop.example.com/plan": "gold", "sub": "auth0|eve", "iss": "x", "aud": "x", "exp": 9999999999, "nonce": "x", "sid": "x", "amr": ["x"], "azp": "x", "client_id": "x", "roles": ["admin"], "permissions": ["all"], "org_id": "o", "gty": "x", "sip_x": 1,
                          "http://auth0.com/x": 1, "https://login.AUTH0.com./x": 1, "https://u@auth0.com:443?x": 1, "https://webtask.io": 1, "https://a.webtask.run#x": 1, "urn:auth0:x": 1, "URN:AUTH0": 1, "https://auth0.com.example.com/x": 1, "https://notauth0.com/x": 1, "urn:shop:x": [1, null], "plain": {"a": null},
                          "email": "other@example.com", "name": "Not asked for", "phone_number": "+1", "address": {}, "email_verified": null, "nothing": null}',
    access_token_claims => '{"https://shop.example.com/plan": "gold", "scope": "everything", "azp": "x", "sub": "x", "aud": "x", "iss": "x", "exp": 1, "jti": "x", "email": "e@example.com", "name": "n"}');
SELECT pg_temp.try($$SELECT userdir.issue_tokens('auth0|ada', 'web', id_token_claims => '[]')$$), pg_temp.try($$SELECT userdir.issue_tokens('auth0|ada', 'web', 'urn:strict', access_token_claims => '"x"')$$),
       pg_temp.try($$SELECT userdir.issue_tokens('auth0|ada', 'web', id_token_claims => jsonb_build_object('big', repeat('x', 102400)))$$), pg_temp.try($$SELECT userdir.issue_tokens('auth0|ada', 'web', 'urn:strict', access_token_claims => jsonb_build_object('big', repeat('x', 102400)))$$);
-- What nobody could read back is not signed: neither by a key nor, for an API of HS256, by its secret.
SELECT userdir.create_resource_server('urn:bounds', '{"signing_alg": "HS256"}') IS NOT NULL AS created;
SELECT c, pg_temp.try(format('SELECT userdir.issue_tokens(''auth0|ada'', ''web'', id_token_claims => %L)', claims)) AS id_token, pg_temp.code(format('SELECT userdir.issue_tokens(''auth0|ada'', ''web'', ''urn:strict'', access_token_claims => %L)', claims)) AS access_token,
       pg_temp.code(format('SELECT userdir.issue_tokens(''auth0|ada'', ''web'', ''urn:bounds'', access_token_claims => %L)', claims)) AS shared
  FROM (VALUES ('deep', jsonb_build_object('x', (repeat('[', 16) || repeat(']', 16))::jsonb)), ('large', '{"x": 1e500}'), ('wide', jsonb_build_object('x', (SELECT jsonb_object_agg(n, n) FROM generate_series(1, 1025) n)))) v (c, claims);
-- A reserved claim may be as large as it likes: it is not there.
SELECT outcome FROM userdir.issue_tokens('auth0|ada', 'web', id_token_claims => jsonb_build_object('roles', repeat('x', 102400)));
SELECT outcome FROM userdir.issue_tokens('auth0|ada', 'web', id_token_claims => NULL, access_token_claims => NULL, context => NULL);

-- A client from before OpenID Connect may ask for attributes by their names.
SELECT userdir.create_client('Old', '{"client_id": "old", "oidc_conformant": false, "grant_types": ["password"]}') IS NOT NULL AS created;
SELECT c, l.scope, pg_temp.claims(l.id_token) - '{iss,aud,lifetime,now,also}'::text[] AS claims
  FROM unnest('{old,web}'::text[]) c, LATERAL userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', c, scope => 'openid user_metadata app_metadata nickname created_by password') l;

-- Other algorithms: a client and an API with a secret of their own.
SELECT userdir.create_client('Shared', '{"client_id": "shared", "grant_types": ["password", "refresh_token"], "jwt_configuration": {"alg": "HS256"}}', 'a-shared-secret-of-32-bytes-or-more') ? 'client_id' AS created;
SELECT userdir.create_resource_server('urn:shared', '{"signing_alg": "HS256", "scopes": [{"value": "x"}]}', 'another-secret-of-32-bytes-or-more') ? 'identifier' AS created;
SELECT id_token, access_token FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'shared', 'urn:shared', 'openid x') \gset h_
SELECT pg_temp.part(:'h_id_token', 1) AS id_token, pg_temp.part(:'h_access_token', 1) AS access_token, userdir.introspect(:'h_access_token') -> 'active' AS active, userdir.introspect(:'h_id_token') -> 'active' AS id_token_active;
SELECT pg_temp.claims(:'h_access_token') -> 'aud' AS aud, userdir.userinfo(:'h_access_token') AS userinfo;
-- Whoever has the secret of an API makes tokens for that API, and neither for another one nor for userinfo().
SELECT aud, userdir.introspect(t) -> 'active' AS active, userdir.userinfo(t) AS userinfo
  FROM unnest(ARRAY['"urn:shared"', '["urn:shared"]', '["urn:shared", "https://api.example.com/"]', '["urn:shared", "https://login.example.com/userinfo"]', '"https://api.example.com/"', '["https://api.example.com/", "urn:shared"]', '["urn:shared", "urn:shared"]']::jsonb[]) aud,
       LATERAL userdir.sign_jwt_with_secret(jsonb_build_object('iss', userdir.issuer(), 'sub', 'auth0|ada', 'azp', 'shared', 'aud', aud, 'scope', 'openid profile email', 'iat', floor(extract(epoch FROM now())), 'exp', 4102444800), 'another-secret-of-32-bytes-or-more') t;
SELECT userdir.introspect(t) -> 'active' AS active
  FROM unnest(ARRAY['{"aud": "urn:shared"}', '{"aud": 1}', '{"aud": []}', '{"aud": [1]}', '{"aud": {"urn:shared": 1}}', '{}']::jsonb[]) WITH ORDINALITY c (c, n),
       LATERAL (SELECT translate(encode(convert_to('{"alg":"HS256","typ":"JWT"}', 'UTF8'), 'base64'), E'+/=\n', '-_') || '.' || translate(encode(convert_to(c::text, 'UTF8'), 'base64'), E'+/=\n', '-_') || '.AAAA') t (t) ORDER BY n;
SELECT outcome FROM userdir.issue_tokens('auth0|ada', 'shared', 'urn:shared', 'openid x');
SELECT pg_temp.try($$SELECT userdir.rotate_client_secret('shared', 'now-too-short-for-it')$$) AS refused, pg_temp.code($$SELECT userdir.issue_tokens('auth0|ada', 'shared')$$) AS still_signs;
-- One that was stored before that was looked at signs nothing.
BEGIN;
UPDATE userdir.clients SET sealed_secret = userdir._seal_text(userdir._secret_purpose('shared'), 'too-short-for-it') WHERE client_id = 'shared';
SELECT pg_temp.try($$SELECT userdir.issue_tokens('auth0|ada', 'shared')$$);
ROLLBACK;
-- No key of the algorithm.
SELECT userdir.update_client('shared', '{"jwt_configuration": {"alg": "ES256"}}') IS NOT NULL AS changed, pg_temp.try($$SELECT userdir.issue_tokens('auth0|ada', 'shared')$$);

SELECT userdir.create_signing_key('EdDSA') IS NOT NULL AS made, userdir.update_client('shared', '{"jwt_configuration": {"alg": "EdDSA"}}') IS NOT NULL AS changed;
SELECT pg_temp.part(id_token, 1) - 'kid' AS header, pg_temp.part(id_token, 2) ->> 'at_hash' = rtrim(translate(encode(substr(sha512(access_token::bytea), 1, 32), 'base64'), E'+/\n', '-_'), '=') AS at_hash,
       userdir.verify_jwt(id_token, 'shared') ->> 'sub' AS verified FROM userdir.issue_tokens('auth0|ada', 'shared');

-- A user who is blocked, and one whose password was changed while it was being verified: see the isolation tests.
SELECT userdir.update_user('auth0|ada', '{"blocked": true}') -> 'blocked' AS blocked;
SELECT outcome, description, access_token FROM userdir.issue_tokens('auth0|ada', 'web') UNION ALL SELECT outcome, description, access_token FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web');
SELECT type, description, client_id, audience, scope, count(*) FROM userdir.logs WHERE type IN ('sepft', 'fepft', 'seacft', 'feacft') GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5;
-- Without an issuer there are no tokens, and no login for a client.
UPDATE userdir.directory SET issuer = NULL;
SELECT pg_temp.try($$SELECT userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'web')$$), pg_temp.try($$SELECT userdir.issue_tokens('auth0|eve', 'web')$$);
