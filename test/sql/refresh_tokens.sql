-- Refresh tokens: rotation, leeway, reuse, lifetimes; revoking and introspection; sessions and what ends them
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set token_tools :abs_srcdir '/token_tools.sql'
\i :token_tools
SELECT userdir.create_connection('shop', 'auth0') IS NOT NULL AS created;
SELECT userdir.create_user('shop', jsonb_build_object('email', n || '@example.com', 'user_id', n), 'Paper-Boat-1843') ->> 'user_id' AS user_id FROM unnest('{ada,bob}'::text[]) n;
SELECT userdir.create_client(c, jsonb_build_object('client_id', c, 'grant_types', '["password", "refresh_token"]'::jsonb, 'refresh_token', r)) IS NOT NULL AS created
  FROM (VALUES ('keeping', '{}'::jsonb), ('rotating', '{"rotation_type": "rotating", "token_lifetime": 1000, "idle_token_lifetime": 100}'), ('lenient', '{"rotation_type": "rotating", "leeway": 60}')) v (c, r);
SELECT userdir.create_client('none', '{"client_id": "none", "grant_types": ["password"]}') IS NOT NULL AS created;
SELECT userdir.create_resource_server('urn:api', '{"scopes": [{"value": "read"}, {"value": "write"}], "allow_offline_access": true}') IS NOT NULL AS created;
-- What an exchange brings, and what it leaves in the log.
CREATE FUNCTION pg_temp.exchange(client text, token text, scope text DEFAULT NULL) RETURNS TABLE (outcome text, description text, next text, access text, scope_ text, logged text) LANGUAGE plpgsql AS $$
DECLARE
  before text[] := ARRAY(SELECT g.log_id FROM userdir.logs g);
  r record := userdir.refresh_tokens(client, token, scope, '{"ip": "192.0.2.9"}');
BEGIN
  RETURN QUERY SELECT r.outcome, r.description, r.refresh_token, r.access_token, r.scope,
    (SELECT string_agg(concat_ws(' ', g.type, g.user_id, g.user_name, g.client_id, g.description), ', ') FROM userdir.logs g WHERE g.log_id <> ALL (before));
END $$;

-- One that does not rotate: the same is good again and again.
SELECT refresh_token AS t FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'keeping', 'urn:api', 'openid email read write offline_access', '{"nonce": "n", "amr": ["pwd"]}') \gset
SELECT outcome, user_id, refresh_token, token_type, expires_in, scope, pg_temp.claims(id_token) AS id_token, pg_temp.claims(access_token) AS access_token,
       session_id = (SELECT session_id FROM userdir.sessions) AS session FROM userdir.refresh_tokens('keeping', :'t');
SELECT outcome, next, scope_, logged FROM pg_temp.exchange('keeping', :'t');
-- Fewer scopes, but no more.
SELECT outcome, description, scope_, pg_temp.part(access, 2) ->> 'scope' AS in_token, logged FROM pg_temp.exchange('keeping', :'t', 'read openid');
SELECT outcome, description, scope_, access, logged FROM pg_temp.exchange('keeping', :'t', 'read admin');
SELECT outcome, scope_ FROM pg_temp.exchange('keeping', :'t');
-- A scope that the API has no more is not granted any more.
SELECT userdir.update_resource_server('urn:api', '{"scopes": [{"value": "read"}]}') IS NOT NULL AS changed;
SELECT outcome, scope_ FROM pg_temp.exchange('keeping', :'t');

-- Whoever has the wrong token, or client, learns nothing; the log knows more.
SELECT x, e.outcome, e.description, e.logged FROM unnest(ARRAY[NULL, '']) x (x), LATERAL pg_temp.exchange('keeping', x) e;
SELECT n, e.outcome, e.description, regexp_replace(e.logged, '\s+', ' ', 'g') AS logged FROM unnest(ARRAY['x', 'rt_', 'rt_..', 'rt_' || repeat('.', 90), repeat('x', 4000), 'at_' || substr(:'t', 4), left(:'t', -1), :'t' || 'A', upper(:'t'), :'t' || ' ', regexp_replace(:'t', '.$', CASE WHEN right(:'t', 1) = '-' THEN '_' ELSE '-' END)]) WITH ORDINALITY x (x, n),
  LATERAL pg_temp.exchange('keeping', x) e ORDER BY n;
SELECT outcome, description, logged FROM pg_temp.exchange('rotating', :'t');
SELECT outcome, description, logged FROM pg_temp.exchange('none', :'t');
SELECT pg_temp.try(format('SELECT userdir.refresh_tokens(%L, %L)', 'nobody', :'t'));
SELECT outcome FROM pg_temp.exchange('keeping', :'t');

-- Rotation: the old one is good no more; who uses it ends the family, the good one with it.
SELECT refresh_token AS t0 FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'rotating', scope => 'openid offline_access') \gset
SELECT next AS t1, access AS a1 FROM pg_temp.exchange('rotating', :'t0') \gset
SELECT next AS t2 FROM pg_temp.exchange('rotating', :'t1') \gset
SELECT :'t1' <> :'t0' AND :'t2' <> :'t1' AS differ, split_part(:'t2', '.', 2) = split_part(:'t0', '.', 2) AS one_family, userdir.introspect(:'t0') AS old, userdir.introspect(:'t2') -> 'active' AS new, userdir.introspect(:'a1') -> 'active' AS access;
SELECT generation, rotation_salt, last_exchanged_at IS NOT NULL AS exchanged, device FROM userdir.refresh_tokens WHERE client_id = 'rotating';
-- One that was made up ends nothing, though it names the family.
SELECT outcome, logged FROM pg_temp.exchange('rotating', regexp_replace(:'t2', '\.[^.]*$', '.' || repeat('A', 64)));
SELECT userdir.introspect(:'t2') -> 'active' AS still;
SELECT outcome, description, logged FROM pg_temp.exchange('rotating', :'t0');
SELECT outcome, logged FROM pg_temp.exchange('rotating', :'t2');
SELECT userdir.introspect(:'a1') AS access, count(*) AS families FROM userdir.refresh_tokens WHERE client_id = 'rotating';
SELECT type, details ->> 'generation' AS generation, details ->> 'familyId' = split_part(:'t0', '.', 2) AS family FROM userdir.logs WHERE type = 'ferrt';

-- With leeway the same token brings the same successor, until it has passed; the one before never.
SELECT refresh_token AS t0 FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'lenient', 'urn:api', 'openid read offline_access') \gset
SELECT next AS t1 FROM pg_temp.exchange('lenient', :'t0') \gset
SELECT outcome, next = :'t1' AS same, access IS NOT NULL AS access, logged FROM pg_temp.exchange('lenient', :'t0');
SELECT outcome, next = :'t1' AS same FROM pg_temp.exchange('lenient', :'t0');
-- The table has nothing from which the successor could be made: no stored value is the token's HMAC key.
SELECT count(*) AS holds_a_token FROM userdir.refresh_tokens r WHERE strpos(r::text, encode(decode(translate(split_part(:'t0', '.', 3), '-_', '+/'), 'base64'), 'hex')) > 0 OR strpos(r::text, split_part(:'t1', '.', 3)) > 0;
SELECT next AS t2 FROM pg_temp.exchange('lenient', :'t1') \gset
SELECT outcome, next = :'t2' AS same FROM pg_temp.exchange('lenient', :'t1');
SELECT outcome, logged FROM pg_temp.exchange('lenient', :'t0');
SELECT outcome FROM pg_temp.exchange('lenient', :'t2');
SELECT refresh_token AS t0 FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'lenient', scope => 'openid offline_access') \gset
SELECT next AS t1 FROM pg_temp.exchange('lenient', :'t0') \gset
UPDATE userdir.refresh_tokens SET rotated_at = rotated_at - interval '61 seconds' WHERE client_id = 'lenient';
SELECT outcome, logged FROM pg_temp.exchange('lenient', :'t0');
SELECT outcome FROM pg_temp.exchange('lenient', :'t1');

-- Lifetimes: absolute from the login on, idle from the last exchange on.
SELECT refresh_token AS t0 FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'rotating', scope => 'openid offline_access') \gset
SELECT extract(epoch FROM expires_at - created_at) AS absolute, extract(epoch FROM idle_expires_at - created_at) AS idle FROM userdir.refresh_tokens WHERE client_id = 'rotating';
SELECT expires_at, idle_expires_at FROM userdir.refresh_tokens WHERE client_id = 'keeping';
UPDATE userdir.refresh_tokens SET idle_expires_at = now() + interval '1 second', expires_at = now() + interval '10 seconds' WHERE client_id = 'rotating';
SELECT next AS t1 FROM pg_temp.exchange('rotating', :'t0') \gset
SELECT expires_at < now() + interval '10 seconds' AS absolute_stays, idle_expires_at > now() + interval '90 seconds' AS idle_anew FROM userdir.refresh_tokens WHERE client_id = 'rotating';
UPDATE userdir.refresh_tokens SET expires_at = now() - interval '1 second' WHERE client_id = 'rotating';
SELECT userdir.introspect(:'t1') AS introspected, jsonb_array_length(userdir.list_refresh_tokens('auth0|ada', 'rotating')) AS listed, outcome, description, logged FROM pg_temp.exchange('rotating', :'t1');
SELECT refresh_token AS t0 FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843', 'rotating', scope => 'openid offline_access') \gset
UPDATE userdir.refresh_tokens SET idle_expires_at = now() - interval '1 second' WHERE client_id = 'rotating';
SELECT outcome, logged FROM pg_temp.exchange('rotating', :'t0');

-- At most 200 for a user and a client: the oldest goes, those of others stay.
SELECT refresh_token AS b FROM userdir.login('shop', 'bob@example.com', 'Paper-Boat-1843', 'lenient', scope => 'offline_access') \gset
SELECT refresh_token AS first FROM userdir.issue_tokens('auth0|ada', 'lenient', scope => 'offline_access') \gset
SELECT count(refresh_token) FROM generate_series(1, 199) n, LATERAL userdir.issue_tokens('auth0|ada', 'lenient', scope => 'offline_access', context => jsonb_build_object('nonce', n::text));
SELECT outcome FROM pg_temp.exchange('lenient', :'first');
SELECT refresh_token AS another FROM userdir.issue_tokens('auth0|ada', 'lenient', scope => 'offline_access') \gset
SELECT refresh_token AS another FROM userdir.issue_tokens('auth0|ada', 'lenient', scope => 'offline_access') \gset
SELECT client_id, user_id, count(*) FROM userdir.refresh_tokens GROUP BY 1, 2 ORDER BY 1, 2;
SELECT e.outcome AS first, a.outcome AS last, b.outcome AS bob FROM pg_temp.exchange('lenient', :'first') e, pg_temp.exchange('lenient', :'another') a, pg_temp.exchange('lenient', :'b') b;

-- So it is with sessions, of which the one that was used last is kept longest, and with opaque access tokens; what was given out in a session that is over in this way stays.
SELECT userdir.create_user('shop', '{"email": "cy@example.com", "user_id": "cy"}') ->> 'user_id' AS user_id;
-- Clocks have been seen to stand still for longer than that takes; the first ones have each a time of its own.
CREATE TEMPORARY TABLE given AS SELECT n, t.* FROM generate_series(1, 200) n, LATERAL userdir.issue_tokens('auth0|cy', CASE WHEN n <= 2 THEN 'rotating' ELSE 'lenient' END, scope => 'openid offline_access', context => jsonb_build_object('nonce', n::text || pg_sleep(CASE WHEN n <= 6 THEN 0.1 ELSE 0 END)::text)) t;
SELECT outcome FROM userdir.issue_tokens('auth0|cy', 'lenient', scope => 'openid', context => (SELECT jsonb_build_object('session_id', session_id) FROM given WHERE n = 1));
SELECT count(*) AS sessions, bool_and(userdir.get_session(session_id) IS NOT NULL) AS hold FROM given;
SELECT count(*) FROM generate_series(1, 3) n, LATERAL userdir.issue_tokens('auth0|cy', 'lenient', scope => 'openid', context => jsonb_build_object('nonce', n::text));
SELECT (SELECT count(*) FROM userdir.sessions WHERE user_id = 'auth0|cy') AS sessions, array_agg(n) FILTER (WHERE userdir.get_session(session_id) IS NULL) AS over, array_agg(n) FILTER (WHERE userdir.introspect(access_token) = '{"active": false}') AS access_tokens_gone, array_agg(n) FILTER (WHERE userdir.introspect(refresh_token) = '{"active": false}') AS refresh_tokens_gone FROM given;
SELECT client_id, count(*) FROM userdir.access_tokens WHERE user_id = 'auth0|cy' GROUP BY 1 ORDER BY 1;
SELECT outcome FROM userdir.issue_tokens('auth0|cy', 'lenient', context => (SELECT jsonb_build_object('session_id', session_id) FROM given WHERE n = 2));
SELECT (SELECT outcome FROM pg_temp.exchange('lenient', refresh_token)) FROM given WHERE n = 4;
SELECT count(*) AS of_others FROM userdir.sessions WHERE user_id = 'auth0|bob';
SELECT userdir.delete_user('auth0|cy') AS deleted;

-- Taking back: by the token, by its id; of another client not.
SELECT refresh_token AS t0, access_token AS a0 FROM userdir.issue_tokens('auth0|bob', 'rotating', scope => 'openid offline_access') \gset
SELECT next AS t1 FROM pg_temp.exchange('rotating', :'t0') \gset
SELECT userdir.revoke_token('keeping', :'t1') AS of_another, userdir.revoke_token('keeping', :'a0') AS access_of_another, userdir.introspect(:'t1') -> 'active' AS active, userdir.introspect(:'a0') -> 'active' AS access;
SELECT userdir.revoke_token('rotating', :'t0') AS by_an_old_one;
SELECT userdir.introspect(:'t1') AS gone, userdir.introspect(:'a0') AS access_gone;
SELECT userdir.revoke_token('rotating', :'t1') AS again, userdir.revoke_token('rotating', 'x') AS nonsense, userdir.revoke_token('rotating', NULL) AS nothing, pg_temp.try(format('SELECT userdir.revoke_token(%L, %L)', 'nobody', :'t1'));
SELECT access_token AS a0, id_token AS i0 FROM userdir.issue_tokens('auth0|bob', 'rotating', scope => 'openid') \gset
SELECT userdir.revoke_token('rotating', :'i0') AS signed, userdir.revoke_token('rotating', :'a0') AS opaque;
SELECT userdir.introspect(:'a0') AS gone;
SELECT r ->> 'id' AS id FROM jsonb_array_elements(userdir.list_refresh_tokens('auth0|bob')) r \gset
SELECT r - '{id,created_at,session_id,idle_expires_at,expires_at,last_exchanged_at}'::text[] AS token FROM jsonb_array_elements(userdir.list_refresh_tokens('auth0|bob')) r;
SELECT userdir.revoke_refresh_token(:'id') AS revoked, userdir.revoke_refresh_token(:'id') AS again;
SELECT userdir.list_refresh_tokens('auth0|bob') AS left;

-- Introspection of signed access tokens, and of what is none.
SELECT access_token AS a, id_token AS i FROM userdir.issue_tokens('auth0|bob', 'keeping', 'urn:api', 'openid email read') \gset
SELECT i - '{iat,exp}'::text[] AS introspected, userdir.userinfo(:'a') - '{updated_at,picture}'::text[] AS userinfo FROM userdir.introspect(:'a') i;
SELECT userdir.introspect(:'i') AS id_token, userdir.introspect(:'a' || 'x') AS longer, userdir.introspect(overlay(:'a' PLACING 'x' FROM length(:'a') - 20)) AS tampered, userdir.introspect('eyJ.x.y') AS nonsense, userdir.introspect('') AS empty,
       userdir.introspect(userdir.sign_jwt('{"iss": "https://other.example.com/", "sub": "auth0|bob", "aud": "urn:api", "azp": "keeping"}')) AS of_another_issuer,
       userdir.introspect(userdir.sign_jwt('{"iss": "https://login.example.com/", "sub": "auth0|bob", "aud": "urn:other", "azp": "keeping"}')) AS of_another_api,
       userdir.introspect(userdir.sign_jwt('{"iss": "https://login.example.com/", "sub": "auth0|bob", "aud": "urn:api", "azp": "keeping", "exp": 1}')) AS expired;
SELECT userdir.userinfo(:'i') AS id_token, userdir.userinfo('x') AS nonsense, userdir.userinfo(NULL) AS nothing, userdir.userinfo(access_token) AS without_openid FROM userdir.issue_tokens('auth0|bob', 'keeping', 'urn:api', 'read');

-- A user whose id is of other letters.
SELECT userdir.create_user('shop', '{"email": "zoe@example.com", "user_id": "Zo\u00eb|\u4e16.\u754c"}') ->> 'user_id' AS zoe \gset
SELECT refresh_token AS t0, access_token AS a0 FROM userdir.issue_tokens(:'zoe', 'rotating', scope => 'openid offline_access') \gset
SELECT userdir.introspect(:'t0') ->> 'sub' AS sub, userdir.userinfo(:'a0') ->> 'sub' = :'zoe' AS access, outcome FROM pg_temp.exchange('rotating', :'t0');

-- What ends sessions and tokens, and what survives it.
CREATE TABLE pg_temp.held (who text, session text, refresh text, access text);
CREATE FUNCTION pg_temp.hold() RETURNS void LANGUAGE sql AS $$
  DELETE FROM pg_temp.held;
  INSERT INTO pg_temp.held SELECT u, i.session_id, i.refresh_token, i.access_token FROM unnest('{auth0|ada,auth0|ada,auth0|bob}'::text[]) u, LATERAL userdir.issue_tokens(u, 'keeping', scope => 'openid offline_access', context => jsonb_build_object('nonce', random()::text)) i $$;
CREATE FUNCTION pg_temp.left_over() RETURNS TABLE (who text, session boolean, refresh boolean, access boolean) LANGUAGE sql AS $$
  SELECT who, userdir.get_session(session) IS NOT NULL, (userdir.introspect(refresh) -> 'active')::boolean, (userdir.introspect(access) -> 'active')::boolean FROM pg_temp.held $$;
SELECT pg_temp.hold(); SELECT * FROM pg_temp.left_over();
SELECT userdir.revoke_session((SELECT session FROM pg_temp.held LIMIT 1)) AS revoked, userdir.revoke_session('ses_none') AS none; SELECT * FROM pg_temp.left_over();
SELECT pg_temp.hold(), userdir.revoke_user_access('auth0|ada', preserve_refresh_tokens => true); SELECT * FROM pg_temp.left_over();
SELECT pg_temp.hold(); SELECT userdir.revoke_user_access('auth0|ada', (SELECT session FROM pg_temp.held LIMIT 1)); SELECT * FROM pg_temp.left_over();
SELECT pg_temp.hold(), userdir.revoke_user_access('auth0|ada'); SELECT * FROM pg_temp.left_over(); SELECT pg_temp.try($$SELECT userdir.revoke_user_access('auth0|nobody')$$);
SELECT pg_temp.hold(), (SELECT outcome FROM userdir.change_password('shop', 'ada@example.com', 'Paper-Boat-1843', 'Paper-Boat-1844')) AS changed; SELECT * FROM pg_temp.left_over();
SELECT pg_temp.hold(), userdir.set_password('auth0|ada', 'Paper-Boat-1845'); SELECT * FROM pg_temp.left_over();
SELECT pg_temp.hold(), (SELECT outcome FROM userdir.reset_password(userdir.create_password_change_ticket('auth0|ada'), 'Paper-Boat-1846')) AS reset; SELECT * FROM pg_temp.left_over();
SELECT pg_temp.hold(), (SELECT outcome FROM userdir.change_password('shop', 'ada@example.com', 'wrong', 'Paper-Boat-1847')) AS refused; SELECT * FROM pg_temp.left_over();
SELECT pg_temp.hold(), userdir.update_user('auth0|ada', '{"blocked": true}') -> 'blocked' AS blocked; SELECT * FROM pg_temp.left_over();
SELECT userdir.update_user('auth0|ada', '{"blocked": false}') -> 'blocked' AS blocked; SELECT * FROM pg_temp.left_over();
-- Blocked by plain SQL: nothing is good while that lasts, and what is tried then ends.
SELECT pg_temp.hold(); UPDATE userdir.users SET blocked = true WHERE user_id = 'auth0|ada'; SELECT who, refresh, access FROM pg_temp.left_over();
SELECT userdir.userinfo(h.access) AS userinfo, e.outcome, e.description, e.logged FROM pg_temp.held h, LATERAL pg_temp.exchange('keeping', h.refresh) e LIMIT 1;
UPDATE userdir.users SET blocked = false WHERE user_id = 'auth0|ada'; SELECT who, refresh, access FROM pg_temp.left_over();
-- A client that goes takes its tokens along, so does an API; a user who goes takes all.
SELECT access_token AS of_keeping FROM userdir.issue_tokens('auth0|bob', 'keeping', 'urn:api', 'openid') \gset
SELECT userdir.introspect(:'of_keeping') -> 'active' AS active, userdir.userinfo(:'of_keeping') AS userinfo;
SELECT pg_temp.hold(), userdir.delete_client('keeping') AS deleted; SELECT * FROM pg_temp.left_over();
SELECT userdir.introspect(:'of_keeping') AS introspected, userdir.userinfo(:'of_keeping') AS userinfo;
SELECT refresh_token IS NOT NULL AS given FROM userdir.issue_tokens('auth0|bob', 'lenient', 'urn:api', 'offline_access');
SELECT userdir.delete_resource_server('urn:api') AS deleted;
SELECT count(*) AS left FROM userdir.refresh_tokens WHERE audience = 'urn:api';
SELECT userdir.delete_user('auth0|ada') AS deleted;
SELECT (SELECT count(*) FROM userdir.sessions WHERE user_id = 'auth0|ada') AS sessions, (SELECT count(*) FROM userdir.refresh_tokens WHERE user_id = 'auth0|ada') AS refresh_tokens, (SELECT count(*) FROM userdir.access_tokens WHERE user_id = 'auth0|ada') AS access_tokens;

-- Expired rows: a login takes away those of its user, purge_tokens() those of all.
DELETE FROM userdir.sessions; DELETE FROM userdir.refresh_tokens; DELETE FROM userdir.access_tokens;
SELECT count(*) FROM generate_series(1, 4) n, LATERAL userdir.issue_tokens('auth0|bob', 'rotating', scope => 'openid offline_access', context => jsonb_build_object('nonce', n::text));
UPDATE userdir.sessions SET expires_at = now() - interval '1 day'; UPDATE userdir.refresh_tokens SET idle_expires_at = now() - interval '1 day'; UPDATE userdir.access_tokens SET expires_at = now() - interval '1 day';
SELECT userdir.list_sessions('auth0|bob') AS sessions, userdir.list_refresh_tokens('auth0|bob') AS tokens, pg_temp.try('SELECT userdir.purge_tokens(0)');
SELECT userdir.purge_tokens(1), userdir.purge_tokens(5), userdir.purge_tokens(5), userdir.purge_tokens();
SELECT count(*) FROM userdir.sessions;
SELECT outcome FROM userdir.issue_tokens('auth0|bob', 'rotating', scope => 'openid offline_access');
SELECT (SELECT count(*) FROM userdir.sessions), (SELECT count(*) FROM userdir.refresh_tokens), (SELECT count(*) FROM userdir.access_tokens);
SELECT userdir.purge_tokens();
