-- Privileges: nothing for PUBLIC, bundles for roles
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SET client_min_messages = warning;
DROP ROLE IF EXISTS ud_nobody, ud_identity, ud_reader, ud_editor, ud_login, ud_admin;
CREATE ROLE ud_nobody; CREATE ROLE ud_identity; CREATE ROLE ud_reader; CREATE ROLE ud_editor; CREATE ROLE ud_login; CREATE ROLE ud_admin;
RESET client_min_messages;
SELECT userdir.create_connection('users', 'auth0', '{"client_secret": "hush"}') ->> 'name' AS name UNION ALL SELECT userdir.create_connection('github', 'github') ->> 'name';
SELECT userdir.create_user('users', '{"email": "ann@example.com", "user_id": "ann"}') ->> 'user_id' AS user_id;
DO $$ BEGIN PERFORM userdir.set_issuer('https://login.example.com/'); PERFORM userdir.create_signing_key('RS256'); PERFORM userdir.create_client('Web', '{"client_id": "web"}'); END $$;

-- Nothing of the extension or the storage is for PUBLIC.
SELECT p.proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE p.pronamespace = 'userdir'::regnamespace AND a.grantee = 0;
SELECT c.relname FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a WHERE c.relnamespace = 'userdir'::regnamespace AND c.relkind IN ('r', 'v') AND a.grantee = 0;
SELECT count(*) AS schema_for_public FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'userdir' AND a.grantee = 0;
SELECT p.proname AS definer FROM pg_proc p WHERE p.pronamespace = 'userdir'::regnamespace AND p.prosecdef;

SELECT userdir.grant_to('ud_identity', 'identity'), userdir.grant_to('ud_reader', 'reader'), userdir.grant_to('ud_editor', 'editor'), userdir.grant_to('ud_login', 'login'), userdir.grant_to('ud_admin', 'admin');
SELECT pg_temp.try($$SELECT userdir.grant_to('ud_reader', 'owner')$$);
SELECT pg_temp.try($$SELECT userdir.grant_to('ud_missing', 'reader')$$);
SELECT pg_temp.try($$SELECT userdir.grant_to('public', 'reader')$$);
SELECT pg_temp.try($$SELECT userdir.grant_to('ud_reader"; DROP TABLE userdir.users; --', 'reader')$$);
SELECT * FROM userdir.bundle_grants ORDER BY 1;

-- Every public function is in some bundle or is the owner's.
SELECT p.proname FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
 WHERE p.pronamespace = 'userdir'::regnamespace AND p.proname !~ '^_'
   AND NOT EXISTS (SELECT FROM userdir._bundle_contents() b WHERE b.object = p.proname)
 GROUP BY p.proname ORDER BY p.proname;
-- And every name in a bundle is a function.
SELECT b.object FROM userdir._bundle_contents() b WHERE b.privilege = 'EXECUTE' AND NOT EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'userdir'::regnamespace AND p.proname = b.object);

-- What each role can do, tried one by one.
CREATE FUNCTION pg_temp.as_role(role_name text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', role_name);
  EXECUTE statement;
  RESET ROLE;
  RETURN 'yes';
EXCEPTION WHEN insufficient_privilege THEN
  RETURN '-';
END $$;
SELECT statement, pg_temp.as_role('ud_nobody', statement) AS nobody, pg_temp.as_role('ud_identity', statement) AS identity, pg_temp.as_role('ud_reader', statement) AS reader, pg_temp.as_role('ud_editor', statement) AS editor,
       pg_temp.as_role('ud_login', statement) AS login, pg_temp.as_role('ud_admin', statement) AS admin
  FROM (VALUES ('SELECT userdir.get_user(''auth0|ann'')'), ('SELECT userdir.get_users_by_email(''ann@example.com'')'), ('SELECT userdir.list_users(sort => ''email:1'', include_totals => true, fields => ''email'')'),
               ('SELECT userdir.list_users(take => 1)'), ('SELECT * FROM userdir.profiles'), ('SELECT * FROM userdir.users'), ('SELECT name, strategy FROM userdir.connections'), ('SELECT * FROM userdir.version()'),
               ('SELECT userdir.authenticate(NULL)'), ('SELECT userdir.user_id(), userdir.organization_id(), userdir.claim(''a''), userdir.claim_text(''a''), userdir.has_scope(''a''), userdir.has_permission(''a''), userdir.has_role(''a'')'), ('SELECT userdir.clear_identity()'),
               ('SELECT userdir.merge_metadata(''{}'', ''{"a": 1}'')'), ('SELECT userdir.normalize_profile(''github'', ''{"id": 1}'')'), ('SELECT * FROM userdir.strategies()'),
               ('SELECT userdir.create_user(''users'', jsonb_build_object(''email'', md5(random()::text) || ''@example.com''))'), ('SELECT userdir.update_user(''auth0|ann'', ''{"nickname": "n"}'')'), ('SELECT userdir.delete_user(''auth0|none'')'),
               ('UPDATE userdir.users SET nickname = ''m'', user_metadata = ''{"a": 1}'', picture = ''https://example.com/p.png'''),
               ('SELECT userdir.upsert_from_connection(''github'', ''{"id": 1, "login": "o"}'')'),
               ('SELECT userdir.federated_login(''github'', profile => ''{"id": 1, "login": "o"}'')'), ('SELECT userdir.verify_foreign_token(''github'', NULL) WHERE false'),
               ('SELECT userdir.set_connection_jwks(''github'', ''{"keys": []}'')'), ('SELECT userdir.get_connection_jwks(''github'')'),
               ('SELECT userdir.create_connection(''c'' || left(md5(random()::text), 9), ''auth0'')'), ('SELECT userdir.list_connections()'), ('SELECT userdir.get_connection(''users'')'), ('SELECT userdir.update_connection(''github'', ''{}'')'), ('SELECT userdir.delete_connection(''nobody'')'),
               ('SELECT userdir.login(''users'', ''nobody'', ''x'')'), ('SELECT userdir.authenticate_password(''users'', ''nobody'', ''x'')'), ('SELECT userdir.signup(''users'', jsonb_build_object(''email'', md5(random()::text) || ''@example.com''), ''Paper-Boat-1'')'),
               ('SELECT userdir.change_password(''users'', ''nobody'', ''x'', ''y'')'), ('SELECT userdir.request_password_change(''users'', ''nobody'')'), ('SELECT userdir.reset_password(''x'', ''y'')'), ('SELECT userdir.verify_email(''x'')'),
               ('SELECT userdir.create_user(''users'', jsonb_build_object(''email'', md5(random()::text) || ''@example.com''), ''Paper-Boat-1'')'), ('SELECT userdir.set_password(''auth0|ann'', ''Paper-Boat-1'')'),
               ('SELECT userdir.create_password_change_ticket(''auth0|ann'')'), ('SELECT userdir.create_email_verification_ticket(''auth0|ann'')'), ('SELECT type FROM userdir.logs'), ('SELECT userdir.maintain_logs()'), ('SELECT userdir.wrap_weak_hashes()'),
               ('SELECT userdir.create_client(''x'')'), ('SELECT userdir.list_clients()'), ('SELECT userdir.rotate_client_secret(''web'')'), ('SELECT userdir.create_resource_server(''urn:'' || md5(random()::text))'), ('SELECT userdir.set_issuer(''https://a/'')'), ('SELECT userdir.set_session_lifetimes()'),
               ('SELECT userdir.authenticate_client(''web'', ''x'')'), ('SELECT userdir.refresh_tokens(''web'', ''x'')'), ('SELECT userdir.revoke_token(''web'', ''x'')'), ('SELECT userdir.introspect(''x'')'), ('SELECT userdir.userinfo(''x'')'), ('SELECT userdir.issuer()'),
               ('SELECT userdir.issue_tokens(''auth0|ann'', ''web'')'), ('SELECT userdir.list_sessions(''auth0|ann'')'), ('SELECT userdir.revoke_session(''x'')'), ('SELECT userdir.revoke_user_access(''auth0|ann'')'), ('SELECT userdir.list_refresh_tokens(''auth0|ann'')'), ('SELECT userdir.revoke_refresh_token(''x'')'), ('SELECT userdir.purge_tokens()'),
               ('SELECT userdir.continue_login(''x.y'')'), ('SELECT userdir.issue_client_tokens(''web'', NULL)'), ('SELECT userdir.create_client_grant(''web'', ''x'') WHERE false'), ('SELECT userdir.list_client_grants()'), ('SELECT userdir.delete_client_grant(''x'')'),
               ('SELECT * FROM userdir.rules'), ('SELECT userdir.list_rules()'), ('SELECT userdir.create_rule(NULL, ''post_login'', ''x.y'') WHERE false'), ('SELECT userdir.disable_rule(''x'') WHERE false'), ('SELECT userdir.try_rule(NULL, ''auth0|ann'')'), ('SELECT userdir.set_configuration(''k'', ''v'')'), ('SELECT userdir.list_configuration()'), ('SELECT userdir.delete_configuration(''k'')'),
               -- and what none of them can
               ('SELECT options FROM userdir.connections'), ('SELECT * FROM userdir.identifiers'), ('UPDATE userdir.users SET email = ''x@example.com'''), ('INSERT INTO userdir.users (user_id) VALUES (''x'')'), ('DELETE FROM userdir.users'),
               ('INSERT INTO userdir.identities VALUES (''auth0|ann'', ''github'', ''1'', ''github'', false, true)'), ('UPDATE userdir.user_logins SET logins_count = 0'), ('UPDATE userdir.directory SET name = ''mine'''),
               ('SELECT userdir.install()'), ('SELECT userdir.uninstall(''test'')'), ('SELECT userdir.grant_to(''ud_nobody'', ''reader'')'), ('SELECT userdir.revoke_from(''ud_reader'', ''reader'')'),
               ('SELECT userdir._create_user(''users'', ''{"email": "z@example.com"}'')'), ('SELECT userdir._insert_user(''database'', ''{}'')'), ('SELECT userdir._find_connection(''users'')'), ('SELECT * FROM userdir.credentials'), ('SELECT * FROM userdir.tickets'), ('SELECT * FROM userdir.clients'), ('SELECT * FROM userdir.resource_servers'), ('SELECT * FROM userdir.sessions'), ('SELECT * FROM userdir.refresh_tokens'), ('SELECT * FROM userdir.access_tokens'), ('SELECT userdir._make_token(''at_'', ''a'', ''b'', ''c'')'), ('SELECT userdir._issue(''a'', NULL::record, NULL::record, NULL, NULL, NULL, NULL, NULL, NULL)'), ('SELECT userdir.configuration(''k'')'), ('SELECT * FROM userdir.rule_configuration'), ('SELECT * FROM userdir.disabled_rules'), ('DELETE FROM userdir.disabled_rules'), ('SELECT * FROM userdir.post_login'), ('SELECT * FROM userdir.login_continuations'), ('SELECT * FROM userdir.client_grants'), ('SELECT userdir._run_rules(''post_login'', ''{}'', NULL, true)'), ('SELECT userdir._settle_rules(''post_login'', ''{}'', ''{}'')'), ('SELECT * FROM userdir.connection_keys'), ('DELETE FROM userdir.connection_keys'), ('SELECT userdir._read_foreign_token(''x'')'), ('INSERT INTO userdir.logs (date, log_id, type) VALUES (now(), ''x'', ''s'')'), ('DELETE FROM userdir.logs'), ('SELECT userdir._new_token(''auth0|ann'')'), ('SELECT * FROM userdir._find_login(''ann@example.com'', ''users'')'), ('SELECT userdir._write_log(''s'', ''x'', NULL::record, NULL, NULL, ''{}'')'),
               ('CREATE TABLE userdir.mine ()')) s (statement);

-- A policy on the table holds for readers, in the functions as in the view.
ALTER TABLE userdir.users ENABLE ROW LEVEL SECURITY;
CREATE POLICY only_ann ON userdir.users FOR SELECT TO ud_reader USING (user_id = 'auth0|ann');
SET ROLE ud_reader;
SELECT user_id FROM userdir.profiles;
SELECT jsonb_path_query_array(userdir.list_users(), '$[*].user_id') AS listed, userdir.get_user('github|1') AS hidden;
RESET ROLE;
ALTER TABLE userdir.users DISABLE ROW LEVEL SECURITY;

-- What one bundle gave, another may still give; the last one takes all away.
SELECT userdir.grant_to('ud_reader', 'editor');
SELECT userdir.revoke_from('ud_reader', 'editor');
SELECT pg_temp.as_role('ud_reader', 'SELECT userdir.get_user(''auth0|ann'')') AS reads, pg_temp.as_role('ud_reader', 'SELECT userdir.delete_user(''auth0|none'')') AS deletes;
SELECT userdir.revoke_from('ud_identity', 'identity'), userdir.revoke_from('ud_reader', 'reader'), userdir.revoke_from('ud_editor', 'editor'), userdir.revoke_from('ud_login', 'login'), userdir.revoke_from('ud_admin', 'admin');
SELECT r AS still_has_something FROM unnest('{ud_identity,ud_reader,ud_editor,ud_login,ud_admin}'::regrole[]) r
 WHERE has_schema_privilege(r::name, 'userdir', 'USAGE')
    OR EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'userdir'::regnamespace AND has_function_privilege(r::name, p.oid, 'EXECUTE'))
    OR EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'userdir'::regnamespace AND c.relkind IN ('r', 'v') AND has_any_column_privilege(r::name, c.oid, 'SELECT, UPDATE'));
DROP POLICY only_ann ON userdir.users;
DROP ROLE ud_nobody, ud_identity, ud_reader, ud_editor, ud_login, ud_admin;
