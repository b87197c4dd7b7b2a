-- The description of a directory server: what is valid, and what is said of what is not
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
CREATE EXTENSION userdir_ldap;

CREATE FUNCTION check_server(server text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  message text; detail text; hint text;
BEGIN
  RETURN CASE WHEN userdir.ldap_check_server(server::jsonb) THEN 'valid' END;
EXCEPTION WHEN SQLSTATE 'UD069' THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(' / ', message, nullif(detail, ''), nullif(hint, ''));
END
$$;

CREATE FUNCTION check_with(more text) RETURNS text LANGUAGE sql AS $$
  SELECT check_server((jsonb '{"url": "ldaps://ldap.example.com", "base_dn": "dc=example,dc=com"}' || more::jsonb)::text)
$$;

\pset format unaligned
\pset tuples_only on
-- What has to be there
SELECT check_server('{"url": "ldaps://ldap.example.com", "base_dn": "dc=example,dc=com"}');
SELECT check_server('{}');
SELECT check_server('[]');
SELECT check_server('"ldaps://ldap.example.com"');
SELECT check_server('{"url": "ldaps://ldap.example.com"}');
SELECT check_server('{"url": null, "base_dn": "dc=x"}');
SELECT check_server('{"url": [], "base_dn": "dc=x"}');
SELECT check_server('{"url": " ", "base_dn": "dc=x"}');
SELECT userdir.ldap_check_server(NULL) IS NULL;

-- Every key that is misspelled, with the one that is meant
SELECT check_with(format('{%s: 1}', to_json(k))) FROM unnest('{uri,urls,URL,starttls,start-tls,cafile,ca_cert,base,basedn,filters,userdn,bind,bind_nd,bind_password,atributes,time_out,total,directroy,scopes,group,in_secure,x,""}'::text[] || repeat('x', 200) || 'üü'::text) k;
SELECT check_with('{"groups": {"member": 1}}');
SELECT check_with('{"groups": {"limits": 1}}');

-- Types
SELECT check_with('{"start_tls": "yes"}');
SELECT check_with('{"ca_file": ""}');
SELECT check_with('{"bind_dn": 7}');
SELECT check_with('{"base_dn": ["dc=x"]}');
SELECT check_with('{"attributes": []}');
SELECT check_with('{"groups": "cn=x"}');
SELECT check_with('{"url": 7}');
SELECT check_with('{"url": ["ldaps://a", 7]}');
SELECT check_with('{"timeout": "5"}');
SELECT check_with('{"timeout": 0}');
SELECT check_with('{"timeout": -1}');
SELECT check_with('{"timeout": 1e300}');
SELECT check_with('{"timeout": 1e400}');
SELECT check_with('{"timeout": 0.5, "connect_timeout": 300, "total_timeout": 2}');
SELECT check_with('{"timeout": null, "bind_dn": null, "attributes": null, "groups": null, "start_tls": null, "insecure": null}');
SELECT check_with('{"scope": "sub"}');
SELECT check_with('{"directory": "openldap"}');

-- URLs, and passwords in the clear
SELECT url || ': ' || check_with(jsonb_build_object('url', url)::text)
  FROM unnest('{ldaps://a,LDAPS://a:636/,"ldaps://a ldaps://b",ldap://127.0.0.1,ldap://localhost:389,ldap://[::1],ldapi://%2Frun%2Fldapi,
                ldap://a,ldap://127.0.0.1.example.com,"ldaps://a ldap://b",http://a,a,ldaps://,ldaps://a/dc=x,ldaps://a:0,ldapi://run,ldaps://u@a}'::text[]) url;
SELECT check_with('{"url": "ldap://a", "start_tls": true}');
SELECT check_with('{"url": "ldap://a", "insecure": true}');
SELECT check_with('{"url": "ldaps://a", "start_tls": true}');
SELECT check_with('{"url": "ldapi://%2Frun%2Fldapi", "start_tls": true}');
SELECT check_with(jsonb_build_object('url', (SELECT jsonb_agg('ldaps://h' || i) FROM generate_series(1, 16) i))::text);
SELECT check_with(jsonb_build_object('url', (SELECT jsonb_agg('ldaps://h' || i) FROM generate_series(1, 17) i))::text);

-- Filters and names
SELECT check_with('{"filter": "(uid={login})"}');
SELECT check_with('{"filter": "(uid=jane)"}');
SELECT check_with('{"filter": "(uid={user})"}');
SELECT check_with('{"filter": "(uid={login)"}');
SELECT check_with('{"filter": "(uid=login})"}');
SELECT check_with('{"filter": "(uid={})"}');
SELECT check_with('{"user_dn": "uid={login},dc=x"}');
SELECT check_server('{"url": "ldaps://a", "user_dn": "uid={login},dc=x"}');
SELECT check_server('{"url": "ldaps://a", "user_dn": "uid=jane,dc=x"}');
SELECT check_server('{"url": "ldaps://a", "user_dn": "uid={login},dc=x", "filter": "(uid={login})"}');
SELECT check_server('{"url": "ldaps://a", "user_dn": "uid={login},dc=x", "groups": {}}');
SELECT check_with('{"groups": {}}');
SELECT check_with('{"groups": {"filter": "(member={login})", "attribute": "ou", "into": "user_metadata.teams", "limit": 10000, "scope": "one"}}');
SELECT check_with('{"groups": {"filter": "(memberUid={uid})"}}');
SELECT check_with('{"groups": {"limit": 0}}');
SELECT check_with('{"groups": {"attribute": "memberOf"}}');
SELECT check_with('{"groups": {"attribute": "cn:list"}}');
SELECT check_with('{"groups": {"into": "app_metadata"}}');

-- Attributes
SELECT field || ' <- ' || source || ': ' || check_with(jsonb_build_object('attributes', jsonb_build_object(field, source::jsonb))::text)
  FROM (VALUES ('email', '"mail"'), ('email_verified', 'true'), ('phone_number', 'null'), ('app_metadata.groups', '"memberOf:rdn"'), ('name', '"{givenName} {sn}"'), ('picture', '"{jpegPhoto:base64}"'),
               ('name', '"cn;lang-de"'), ('name', '"2.5.4.3:text"'), ('name', '""'), ('name', '"given name"'), ('name', '"cn:upper"'), ('name', '"cn:"'), ('name', '"{cn"'), ('name', '"cn}"'), ('name', '"{}"'), ('name', '"{memberOf}"'), ('name', '7'), ('name', '["cn"]'),
               ('user_id', '"uid"'), ('app_metadata', '"cn"'), ('app_metadata.', '"cn"'), ('app_metadata.a.b', '"cn"'), ('user_metadata.$a', '"cn"'), ('a.b', '"cn"'), ('', '"cn"')) AS t (field, source);
SELECT check_with(jsonb_build_object('attributes', (SELECT jsonb_object_agg('f' || i, 'cn') FROM generate_series(1, 101) i))::text);
SELECT check_with('{"id_attribute": "uid"}');
SELECT check_with('{"id_attribute": "memberOf"}');
SELECT check_with('{"id_attribute": "no name"}');

-- Nothing is connected to when the arguments are wrong already
SELECT userdir.ldap_login('{"url": "ldaps://ldap.example.com"}', 'jane', 'Paper-Boat-1');
\echo :LAST_ERROR_SQLSTATE
SELECT userdir.ldap_login(NULL, 'jane', 'Paper-Boat-1');
\echo :LAST_ERROR_SQLSTATE
SELECT userdir.ldap_login('{"url": "ldaps://ldap.example.com", "base_dn": "dc=x"}', 'jane', '');
\echo :LAST_ERROR_SQLSTATE
SELECT userdir.ldap_login('{"url": "ldaps://ldap.example.com", "base_dn": "dc=x", "bind_dn": "cn=x"}', 'jane', 'Paper-Boat-1');
\echo :LAST_ERROR_SQLSTATE
SELECT userdir.ldap_get_user('{"url": "ldaps://ldap.example.com", "base_dn": "dc=x"}', 'jane', 'Paper-Boat-1');
\echo :LAST_ERROR_SQLSTATE
SELECT userdir.ldap_get_user('{"url": "ldaps://ldap.example.com", "base_dn": "dc=x"}', '') IS NULL;
SELECT userdir.ldap_change_password('{"url": "ldaps://ldap.example.com", "base_dn": "dc=x"}', 'jane', 'Paper-Boat-1', NULL);
\echo :LAST_ERROR_SQLSTATE

-- The catalog: what is true of every function
SELECT concat_ws(' ', p.oid::regprocedure || ':', p.probin, p.prosrc, p.provolatile, p.proparallel, 'strict=' || p.proisstrict, 'cost=' || p.procost,
                 CASE WHEN p.prosecdef OR p.proleakproof OR has_function_privilege('public', p.oid, 'EXECUTE') THEN 'WRONG' END)
  FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'userdir_ldap'
 ORDER BY p.oid::regprocedure::text COLLATE "C";
SELECT extversion = (SELECT extversion FROM pg_extension WHERE extname = 'userdir'), obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname = 'userdir_ldap';
DROP EXTENSION userdir_ldap;
