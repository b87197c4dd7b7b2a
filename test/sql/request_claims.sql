-- The identity that a web front end claims in request.jwt.claims: only where a superuser trusts it
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SET client_min_messages = warning;
DROP ROLE IF EXISTS ud_app;
CREATE ROLE ud_app;
RESET client_min_messages;
SELECT userdir.grant_to('ud_app', 'identity');
CREATE TABLE notes (owner text NOT NULL, body text NOT NULL);
INSERT INTO notes VALUES ('auth0|ann', 'of ann'), ('auth0|bob', 'of bob');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (owner = userdir.user_id());
GRANT SELECT ON notes TO ud_app;
CREATE FUNCTION pg_temp.who() RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', coalesce(userdir.user_id(), '(null)'), userdir.organization_id(), userdir.claim_text('email'), (SELECT string_agg(body, ',' ORDER BY body) FROM notes)) $$;

-- By default the setting is nothing but a setting.
SET ROLE ud_app;
SET request.jwt.claims = '{"sub": "auth0|ann", "org_id": "org_a", "email": "ann@example.com", "scope": "read", "roles": ["admin"], "permissions": ["all"]}';
SELECT pg_temp.who(), userdir.claim('sub'), userdir.has_scope('read') AS scope, userdir.has_role('admin') AS role, userdir.has_permission('all') AS permission;
-- Who may not trust it cannot make others trust it.
SELECT pg_temp.try('SET userdir.trust_request_claims = on');
SELECT pg_temp.try('SET LOCAL userdir.trust_request_claims = on');
SELECT pg_temp.try($$SELECT set_config('userdir.trust_request_claims', 'on', true)$$);
SELECT pg_temp.try($$UPDATE pg_settings SET setting = 'on' WHERE name = 'userdir.trust_request_claims'$$);
SELECT pg_temp.try('CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE sql SET userdir.trust_request_claims = on AS $f$ SELECT userdir.user_id() $f$');
SELECT pg_temp.try('ALTER ROLE ud_app SET userdir.trust_request_claims = on');
SELECT pg_temp.try('SET userdir.roles_claim = ''aud''');
SELECT pg_temp.who();
RESET ROLE;

-- Once trusted it is the identity, of whoever sets it.
SET userdir.trust_request_claims = on;
SET ROLE ud_app;
SELECT pg_temp.who(), userdir.claim('sub'), userdir.has_scope('read') AS scope, userdir.has_role('admin') AS role, userdir.has_permission('all') AS permission;
BEGIN;
SET LOCAL request.jwt.claims = '{"sub": "auth0|bob"}';
SELECT pg_temp.who();
ROLLBACK;
SELECT pg_temp.who();
-- A value that changes within a statement counts from the next row on, and back.
SELECT n, set_config('request.jwt.claims', format('{"sub": "user %s"}', n % 2), false) IS NOT NULL AS set, userdir.user_id() FROM generate_series(1, 4) n;
-- The front end's way: for a transaction, which leaves an empty value behind.
RESET request.jwt.claims;
BEGIN;
SELECT set_config('request.jwt.claims', '{"sub": "auth0|bob", "https://shop.example.com/roles": ["clerk", "night shift"]}', true) IS NOT NULL AS set;
SELECT pg_temp.who();
COMMIT;
SELECT current_setting('request.jwt.claims') AS left_behind, pg_temp.who();

-- The name of the claim with the roles; the same value is read again when it changes.
SET request.jwt.claims = '{"sub": "auth0|bob", "roles": "one role", "https://shop.example.com/roles": ["clerk", "night shift", 1, null, ["boss"], "clerk"]}';
SELECT userdir.has_role('one role') AS one_role, userdir.has_role('one') AS one, userdir.has_role('clerk') AS clerk;
RESET ROLE;
SET userdir.roles_claim = 'https://shop.example.com/roles';
SELECT r AS role, userdir.has_role(r) FROM unnest('{one role,clerk,night shift,night,1,NULL,boss,"",Clerk}'::text[]) r;
SET userdir.roles_claim = 'no such claim';
SELECT userdir.has_role('clerk');
RESET userdir.roles_claim;

-- Times: over is over, at the very second; a claim of no time lasts.
CREATE FUNCTION pg_temp.until(exp text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('request.jwt.claims', format('{"sub": "auth0|ann", "exp": %s}', exp), false);
  RETURN coalesce(userdir.user_id(), '(null)');
END $$;
SELECT pg_temp.until('null') AS none, pg_temp.until(floor(extract(epoch FROM now()) + 60)::text) AS minute, pg_temp.until(ceil(extract(epoch FROM now()) - 1)::text) AS just_over,
       pg_temp.until(extract(epoch FROM statement_timestamp())::text) AS now, pg_temp.until((extract(epoch FROM statement_timestamp()) + 0.5)::text) AS half_a_second,
       pg_temp.until('0') AS at_0, pg_temp.until('-1') AS before, pg_temp.until('1e300') AS far, pg_temp.until('-1e300') AS far_before, pg_temp.until('9' || repeat('0', 5000)) AS farther, pg_temp.until('253402300799') AS year_9999, pg_temp.until('2147483648') AS year_2038;

-- Claims and their paths: the longest name first, no way around it.
SET request.jwt.claims = '{"sub": "auth0|ann", "a": {"b": {"c": 1}, "b.c": 2, "": 3}, "a.b": {"d": 4}, "": 5, ".": 6, "list": [7, {"x": 8}], "text": "ü", "true": true, "null": null, "aud": ["one", "two"]}';
SELECT p AS path, userdir.claim(p), userdir.claim_text(p) FROM unnest('{a.b.d,a.b.c,a.b,a.,a,"",.,..,list,list.0,list.x,text,true,"null",null.x,text.x,aud,sub.,nothing,a.b.c.d,NULL}'::text[]) p;
SELECT userdir.claim(NULL), userdir.claim_text(NULL), userdir.claim(repeat('a.', 100000)), userdir.claim(repeat('x', 1000000));
-- Claims of other types than they have to be.
SELECT c AS claims, pg_temp.try('SET LOCAL request.jwt.claims = ' || quote_literal(c) || '; SELECT userdir.user_id()')
  FROM unnest(ARRAY['{"sub": 1}', '{"sub": ""}', '{"sub": null}', '{"sub": ["a"]}', '{"org_id": {}}', '{"exp": "2030"}', '{"exp": true}', '{"scope": 1, "permissions": {"a": "b"}, "roles": false}', '[]', '[{"sub": "a"}]', '"text"', '1', 'null', '{}', '{"sub": "a"', 'x', ' ', '{"sub": "a", "sub": "b"}', '{"sub": "a\u0000"}']) c;
SELECT pg_temp.try('SET LOCAL request.jwt.claims = ' || quote_literal('{"sub": "' || repeat('x', 65536) || '"}') || '; SELECT userdir.user_id()');
SELECT pg_temp.try('SET LOCAL request.jwt.claims = ' || quote_literal(repeat('[', 60000)) || '; SELECT userdir.user_id()');
-- After a value that could not be read, the one before is right again.
SELECT userdir.claim_text('text');

-- Scopes: a string with blanks, or an array of them.
CREATE FUNCTION pg_temp.scopes(claim text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('request.jwt.claims', format('{"scope": %s}', claim), false);
  RETURN (SELECT string_agg(s, ',') FROM unnest('{read:a,write:a,read,"",a b,é}'::text[]) s WHERE userdir.has_scope(s));
END $$;
SELECT c AS claim, pg_temp.scopes(c) FROM unnest(ARRAY['"read:a"', '"read:a write:a"', '"  write:a   read "', '" "', '""', 'null', '["read:a", "write:a read", "", 7, {"read": 1}]', '"é"', '{"read": true}']) c;
-- Many names are all found, and no others.
SELECT set_config('request.jwt.claims', (SELECT jsonb_build_object('permissions', jsonb_agg('p' || n * 7)) FROM generate_series(1, 1000) n)::text, false) IS NOT NULL AS set;
SELECT count(*) FILTER (WHERE userdir.has_permission('p' || n)) AS has, bool_and(userdir.has_permission('p' || n) = (n % 7 = 0)) AS right FROM generate_series(1, 7000) n;

-- Who was cleared stays nobody until the transaction ends, whatever the setting says.
SET request.jwt.claims = '{"sub": "auth0|ann"}';
BEGIN;
SAVEPOINT before;
SELECT userdir.clear_identity(), userdir.user_id();
SELECT userdir.user_id();
ROLLBACK TO before;
SELECT userdir.user_id();
COMMIT;
SELECT userdir.user_id();
RESET userdir.trust_request_claims;
SELECT userdir.user_id();

-- Before the library is loaded in a session a role may set what it likes; it comes to nothing then.
SELECT current_database() AS database \gset
\c :database
\set SHOW_CONTEXT never
SET ROLE ud_app;
SET request.jwt.claims = '{"sub": "auth0|ann"}';
SET userdir.trust_request_claims = on;
SET userdir.session_identity = on;
SELECT userdir.user_id(), userdir.has_role('admin');
SHOW userdir.trust_request_claims;
SHOW userdir.session_identity;
RESET ROLE;
