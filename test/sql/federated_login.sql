-- Logging in through a provider: outcomes, users, statistics, the log
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set token_tools :abs_srcdir '/token_tools.sql'
\i :token_tools
-- Keys and tokens of an issuer, made with the openssl command; they are good until the year 2100.
\set jwks '{"keys":[{"crv":"Ed25519","kid":"ed25519","kty":"OKP","use":"sig","x":"27wG1fa9BxrKNc1riwYZLbBm-qdlU8m_mLowzZkMGKY"},{"crv":"P-256","kid":"p-256","kty":"EC","use":"sig","x":"irLs76Oa6rVlwOmE93bJ3V7eTerlv_eDhUXVgCDbylc","y":"ZngOSJj0U4KE4u0eDfaR9ZdvSZoSklfCmwxZQ8Xnds0"},{"crv":"P-384","kid":"p-384","kty":"EC","use":"sig","x":"U_Qh8bUH1RFB0qPwtG2jhly8DPHFw14jZOB0rf06PWn-556xaOo5gcYfwQHXGGTR","y":"9m4KFbrxpdowFJAj-0twHq2Ti-eQmIuHMOQ6N7nGzwpBpZ1MLYqQPkJ2mTT5HCIk"},{"crv":"P-521","kid":"p-521","kty":"EC","use":"sig","x":"AalCrezyBpLBI0Y5G41jRQQqGvpArcDKbvXtVM36r6UVjtytj7X8lWdObgdC3OUttDD-xCN1sqzd8JxxzNo46kZe","y":"AJbavyMdolJiiFDChOniUiEqxjmP7arr4ziBk-Ldsjzof3-8PXvzydUEhgsFadrEIOlOKua84z76358AzAeltc8m"},{"e":"AQAB","kid":"rsa-2048","kty":"RSA","n":"0WwHmsF_7VvzaE_BCHWF9N1zMp5dIOuOQI4G31vSdIp7YHxhkXeZKs_eee6I-wqC8fztyJ22pYRZZP2Hy4A9FuGDykgY8JczaMsOLSSr6n_BPknzthYXiCxEMKDkV95a8ZVXqln0_YWGXMhtY_U5Zn_fbOEeyz6mxaWNMcP28f0xtWFKJkcG25GO-VRVb2DHb0e5fV5mueIptc1HhKuZgiGsAbJadPAZO28DYYIsOs5Jm_sjdzYoaNAWmBB85qgdNjW09NdtWxZaKrLI4xf0jhAxiR7wcDJmfjfj20kr4_yaWJDUXw-a-KZzan0G549WTz-2CeRyGbDnqZN60BFFTQ","use":"sig"}]}'
\set rs256 'eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYS0yMDQ4In0.eyJhdWQiOiJhcHAiLCJlbWFpbCI6ImphbmVAZXhhbXBsZS5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3MzU2ODk2MDAsImlzcyI6Imh0dHBzOi8vaWRwLmV4YW1wbGUuY29tIiwibmFtZSI6IkphbmUgRG9lIiwibm9uY2UiOiJuLTEiLCJzdWIiOiJqYW5lIn0.GYgtjgwqI-Gb4Jw9euIanm6eHV61yvsQnt5qJoX1Axj1yXagoszAz4EpPJgbP929VThgWMRAxnvkbt796nzX63DrQZ6Mr4LQe_TPuXwRYNkQqkbYpiwUTMAz64z4ekNiTRjs5_b1V8nhvnQrJUe1c7fKBR-IuVmiD-IT8_2WM2HM-ZtK52neJ6sk3WNAvj9las_Q02MWj-UlE-o5K72hYpXIKq5NUrDmda7lx6rqOFI7OUO2uRWsn5RqJzPe8qp5-X1u37AukvmTKD2W8LeVtWEjasEaR30Q7VmEDWk0BfHDoHj96BeGp0K4VxeCzroZ3rztVA-6_fp8h9EfH7CyIA'
\set es256 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.C21V3OjzfLHjLqqkNzYygwCQVW1QwtRO3ps6ppN_-60WSQu-Bsu4bG0FhtARdQFqXzQ-ncgDNWrTV6JENRKidg'
\set expired 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJleHAiOjE3MzU2OTMyMDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.SuwVXApZOIIn47m4QAXap9N1SCzqYARlxYLf5EVQKB8I4VjrwlPGzmobYqD5fF1BEzCAKzWQPnpgSHX-0K18kw'
\set confused 'eyJhbGciOiJIUzI1NiIsImtpZCI6InJzYS0yMDQ4In0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.UywPxuBEh-nc8JnpgB3sFlr0BSGzIjWmbJ6S0Qj4T64'
\set john 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJlbWFpbCI6ImpvaG5AZXhhbXBsZS5jb20iLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJuYW1lIjoiSm9obiBSb2UiLCJzdWIiOiJqb2huIn0.OXxwiKkxCIKGpYWPW7pP82Xd2yCqdh1odCfBdKHv2feR6gyo5CR6O_SioxxKqzozteBKqbtyZYgoV335TCiRLA'
\set nameless 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJ4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHgifQ.h6EwXCdhdim19GPC4XTpsr41u0niuLeuh7AFRnNla6SFaZKTY0I0eyNPNWWwJrgJhLKTuXIXSZyGqSfEjeTiRg'

SELECT userdir.create_connection('corp', 'oidc', '{"issuer": "https://idp.example.com", "client_id": "app"}') IS NOT NULL AS created;
SELECT userdir.set_connection_jwks('corp', :'jwks') IS NOT NULL AS set;
SELECT userdir.create_connection('github', 'github', '{"enabled_clients": ["web"]}') IS NOT NULL AS created;
SELECT userdir.create_connection('provisioned', 'oidc', '{"issuer": "https://idp.example.com", "client_id": "app", "set_user_root_attributes": "never_on_login"}') IS NOT NULL AS created;
SELECT userdir.set_connection_jwks('provisioned', :'jwks') IS NOT NULL AS set;
SELECT userdir.create_connection('mail', 'email') IS NOT NULL AS created;
SELECT userdir.create_connection('shop', 'auth0') IS NOT NULL AS created;
SELECT userdir.create_client(c, jsonb_build_object('client_id', c)) IS NOT NULL AS created FROM unnest('{web,other}'::text[]) c;
SELECT userdir.create_client('Server', '{"client_id": "server", "grant_types": ["client_credentials", "password"]}') IS NOT NULL AS created;

-- What a login is told, and what it leaves in the log.
CREATE FUNCTION pg_temp.attempt(connection text, id_token text DEFAULT NULL, profile jsonb DEFAULT NULL, client_id text DEFAULT NULL, nonce text DEFAULT NULL, extras jsonb DEFAULT '{}')
  RETURNS TABLE (outcome text, description text, user_id text, logged text) LANGUAGE plpgsql AS $$
DECLARE
  before text[] := ARRAY(SELECT g.log_id FROM userdir.logs g);
  l record;
BEGIN
  l := userdir.federated_login(connection, id_token, profile, client_id, context => '{"ip": "192.0.2.7", "user_agent": "test"}', nonce => nonce, extras => extras);
  RETURN QUERY SELECT l.outcome, l.description, left(l.user_id, 40),
                      (SELECT string_agg(concat_ws(' ', g.type, left(g.user_id, 40), left(g.user_name, 40), g.connection, g.strategy_type, host(g.ip), g.details), ', ' ORDER BY g.date, g.log_id)
                         FROM userdir.logs g WHERE g.log_id <> ALL (before));
END $$;
SELECT * FROM pg_temp.attempt('corp', :'rs256');
SELECT pg_temp.show(userdir.get_user('oidc|corp|jane') - '{last_login}'::text[]);
-- What speaks of the token is no attribute: a second login changes nothing but the statistics.
CREATE TEMP TABLE before AS SELECT u.xmin::text AS writer FROM userdir.users u WHERE u.user_id = 'oidc|corp|jane';
SELECT * FROM pg_temp.attempt('corp', :'rs256', nonce => 'n-1');
SELECT u.xmin::text = b.writer AS untouched FROM userdir.users u, before b WHERE u.user_id = 'oidc|corp|jane';
SELECT logins_count, host(last_ip) AS last_ip, last_login IS NOT NULL AS logged_in FROM userdir.user_logins WHERE user_id = 'oidc|corp|jane';
-- A token that says less leaves what is known.
SELECT * FROM pg_temp.attempt('corp', :'es256');
SELECT name, email, email_verified FROM userdir.users WHERE user_id = 'oidc|corp|jane';
SELECT * FROM userdir.federated_login('corp', :'john');

-- Tokens that do not hold are outcomes, and nobody is created.
SELECT * FROM pg_temp.attempt('corp', :'expired');
SELECT * FROM pg_temp.attempt('corp', :'confused');
SELECT * FROM pg_temp.attempt('corp', :'rs256', nonce => 'n-2');
SELECT * FROM pg_temp.attempt('corp', 'x');
SELECT * FROM pg_temp.attempt('corp', '');
SELECT * FROM pg_temp.attempt('corp', overlay(:'es256' PLACING 'AAAA' FROM length(:'es256') - 20));
SELECT * FROM pg_temp.attempt('corp', :'nameless');
SELECT user_id FROM userdir.users ORDER BY 1;

-- A profile is believed.
SELECT * FROM pg_temp.attempt('github', profile => '{"id": 583231, "login": "octocat", "email": "octocat@example.com"}', client_id => 'web');
SELECT * FROM pg_temp.attempt('github', profile => '{"id": 583231, "login": "octocat"}', client_id => 'web', extras => '{"emails": [{"email": "new@example.com", "primary": true, "verified": true}]}');
SELECT * FROM pg_temp.attempt('mail', profile => '{"email": "kim@example.com"}');
SELECT * FROM pg_temp.attempt('github', profile => '{"login": "nobody"}', client_id => 'web');
SELECT * FROM pg_temp.attempt('github', profile => '{}', client_id => 'web');
SELECT * FROM pg_temp.attempt('github', profile => '[]', client_id => 'web');
SELECT * FROM pg_temp.attempt('github', profile => 'null', client_id => 'web');
SELECT outcome, description FROM pg_temp.attempt('github', profile => jsonb_build_object('id', 1, 'bio', repeat('x', 600000)), client_id => 'web');
-- Neither a client that the connection is not for, nor none.
SELECT * FROM pg_temp.attempt('github', profile => '{"id": 2, "login": "hubot"}', client_id => 'other');
SELECT * FROM pg_temp.attempt('github', profile => '{"id": 2, "login": "hubot"}');
SELECT count(*) AS hubots FROM userdir.users WHERE user_id = 'github|2';

-- A connection that creates nobody.
SELECT * FROM pg_temp.attempt('provisioned', :'john');
SELECT userdir.create_user('provisioned', '{"user_id": "provisioned|john", "email": "john@example.com"}') ->> 'user_id' AS user_id;
SELECT * FROM pg_temp.attempt('provisioned', :'john');
SELECT name FROM userdir.users WHERE user_id = 'oidc|provisioned|john';

-- A blocked user is told so, and counted.
UPDATE userdir.users SET blocked = true WHERE user_id = 'oidc|corp|john';
SELECT * FROM pg_temp.attempt('corp', :'john');
SELECT logins_count FROM userdir.user_logins WHERE user_id = 'oidc|corp|john';

-- The id of a user of another connection.
SELECT userdir.create_connection('hub', 'github') IS NOT NULL AS created;
SELECT * FROM pg_temp.attempt('hub', profile => '{"id": 583231, "login": "octocat"}');

-- Misuse is an error.
SELECT pg_temp.try($$SELECT userdir.federated_login('corp')$$);
SELECT pg_temp.try($$SELECT userdir.federated_login('corp', 'x', '{}')$$);
SELECT pg_temp.try($$SELECT userdir.federated_login('shop', profile => '{"user_id": "1"}')$$);
SELECT pg_temp.try($$SELECT userdir.federated_login('nowhere', 'x')$$);
SELECT pg_temp.try($$SELECT userdir.federated_login(NULL, 'x')$$);
SELECT pg_temp.try($$SELECT userdir.federated_login('corp', 'x', context => '{"ip": "here"}')$$);
SELECT pg_temp.try($$SELECT userdir.federated_login('corp', 'x', context => '[]')$$);
SELECT userdir.update_connection('corp', '{"options": {"issuer": "https://idp.example.com"}}') IS NOT NULL AS updated;
SELECT pg_temp.try(format('SELECT userdir.federated_login(%L, %L)', 'corp', :'rs256'));

-- The row is that of login(), so that what comes with a login can be used the same way.
SELECT array_agg(p.proname ORDER BY p.proname) AS functions, o.columns
  FROM pg_proc p CROSS JOIN LATERAL (SELECT array_agg(n ORDER BY i) AS columns FROM unnest(p.proargnames) WITH ORDINALITY a (n, i) WHERE p.proargmodes[i] = 'o') o
 WHERE p.pronamespace = 'userdir'::regnamespace AND p.proname IN ('login', 'federated_login') GROUP BY 2;
UPDATE userdir.users SET blocked = false WHERE user_id = 'oidc|corp|john';
SELECT userdir.update_connection('corp', '{"options": {"issuer": "https://idp.example.com", "client_id": "app"}}') IS NOT NULL AS updated;
-- Tokens for a client: the directory's own, made for it. Whom they are for is looked at first.
SELECT * FROM userdir.federated_login('corp', :'john', client_id => 'web', scope => 'openid email offline_access', context => '{"nonce": "n-9", "session_id": "ses_of_somebody_else"}') \gset t_
SELECT outcome, user_id, token_type, expires_in, scope, left(access_token, 3) AS access_token, left(refresh_token, 3) AS refresh_token, session_id ~ '^ses_' AS session FROM (VALUES (:'t_outcome', :'t_user_id', :'t_token_type', :t_expires_in, :'t_scope', :'t_access_token', :'t_refresh_token', :'t_session_id')) t (outcome, user_id, token_type, expires_in, scope, access_token, refresh_token, session_id);
SELECT pg_temp.part(:'t_id_token', 1) - 'kid' AS header, pg_temp.claims(:'t_id_token') AS claims, userdir.verify_jwt(:'t_id_token', audience => 'web') IS NOT NULL AS verified;
SELECT userdir.userinfo(:'t_access_token'), (userdir.refresh_tokens('web', :'t_refresh_token')).outcome;
SELECT s -> 'authentication' -> 'methods' -> 0 ->> 'name' AS method, s ->> 'user_id' AS user_id FROM userdir.get_session(:'t_session_id') s;
SELECT type, count(*) FROM userdir.logs WHERE client_id = 'web' AND user_id = 'oidc|corp|john' GROUP BY type ORDER BY type;
SELECT outcome, description, id_token, session_id FROM userdir.federated_login('corp', :'john', client_id => 'server');
SELECT pg_temp.try(format('SELECT userdir.federated_login(%L, %L, client_id => %L)', 'corp', :'john', 'nobody')), pg_temp.try(format('SELECT userdir.federated_login(%L, %L, client_id => %L, audience => %L)', 'corp', :'john', 'web', 'urn:none'));
-- The provider's token is none of the directory's.
SELECT userdir.introspect(:'john') AS foreign_token;
-- Blocked: no tokens, and what was given out is over.
SELECT userdir.update_user('oidc|corp|john', '{"blocked": true}') -> 'blocked' AS blocked;
SELECT outcome, id_token, access_token, session_id FROM userdir.federated_login('corp', :'john', client_id => 'web');
SELECT userdir.introspect(:'t_access_token'), (SELECT count(*) FROM userdir.sessions s WHERE s.user_id = 'oidc|corp|john') AS sessions;
-- Nothing of a token is kept.
SELECT count(*) AS leaks FROM userdir.logs g WHERE g::text LIKE '%eyJ%';
SELECT count(*) AS leaks FROM userdir.users u WHERE u::text LIKE '%eyJ%' OR u.attributes ?| '{iss,aud,exp,iat,nonce,id_token}';
