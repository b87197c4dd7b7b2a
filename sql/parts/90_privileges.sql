-- Privileges are handed out in bundles; nothing is for PUBLIC.

CREATE FUNCTION userdir._bundle_contents(OUT bundle text, OUT privilege text, OUT object text) RETURNS SETOF record
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT b.bundle, 'EXECUTE', f
    FROM (VALUES
      ('reader', '{get_user,get_users_by_email,list_users,version,user_blocks,user_blocks_by_id,ip_block,
                   normalize_profile,strategies,default_attribute_map,default_attribute_maps,check_attribute_map,default_picture,default_nickname,
                   merge_metadata,json_merge_patch,check_metadata,
                   metadata_text,metadata_number,metadata_boolean,metadata_date,metadata_sort_key,
                   _users_json,_profile_json,_user_fields,_select_fields,_iso_timestamp,
                   _users_page,_sort_relation,_page_of_users,_fetch_page,_sort_path,_sort_key,_parse_sort,_encode_cursor,_decode_cursor,_cursor_value,_beyond,
                   fold_case,email_domain,matches_wildcard,wildcard_sel,
                   userquery,userquery_in,userquery_out,userquery_recv,userquery_send,userquery_eq,userquery_ne,
                   userquery_lt,userquery_le,userquery_gt,userquery_ge,userquery_cmp,userquery_hash,userquery_hash_extended,userquery_and,userquery_or,userquery_not,
                   jsonb_matches,jsonb_value_matches,record_matches,_record_matches,search_condition,
                   search_users,find_users,count_users,search_explain,
                   _query_fields,_query_parts,_search_relation,_search_condition,_plan_of,_plan_indexes,_explain_part,
                   _library_version,_extension_version,_expected_data_version,_data_version}'::text[]),
      ('editor', '{create_user,update_user,delete_user,secret,check_password_hash,check_password_policy,set_password,set_password_hash,
                   create_email_verification_ticket,create_password_change_ticket,unblock_user,unblock_user_by_id,
                   _in_api,_in_installer,_check_user_columns,_check_picture}'),
      ('login', '{secret,check_password_policy,login,authenticate_password,signup,change_password,request_password_change,reset_password,
                  create_email_verification_ticket,verify_email,continue_login,issue_client_tokens,upsert_from_connection,verify_foreign_token,federated_login,verify_jwt,verify_jwt_with_secret,jwks,openid_configuration,
                  authenticate_client,refresh_tokens,revoke_token,revoke_session,introspect,userinfo,issuer,version,_library_version,_extension_version,_expected_data_version,_data_version}'),
      ('events', '{read_events,_read_events,ack_events,version,_library_version,_extension_version,_expected_data_version,_data_version}'),
      ('admin', '{create_connection,get_connection,list_connections,update_connection,delete_connection,set_connection_jwks,get_connection_jwks,
                  password_hash_info,wrap_weak_hashes,breached_passwords_info,
                  get_attack_protection,update_attack_protection,unblock_ip,attempts_status,purge_attempts,maintain_logs,
                  create_signing_key,get_signing_key,list_signing_keys,rotate_signing_keys,revoke_signing_key,maintain_signing_keys,
                  import_signing_key,import_verification_key,delete_verification_key,jwk_thumbprint,sign_jwt,sign_jwt_with_secret,root_keys,
                  create_client,get_client,list_clients,update_client,rotate_client_secret,delete_client,
                  create_resource_server,get_resource_server,list_resource_servers,update_resource_server,delete_resource_server,
                  set_custom_database,try_custom_database,
                  set_issuer,set_session_lifetimes,issue_tokens,get_session,list_sessions,revoke_user_access,
                  list_refresh_tokens,revoke_refresh_token,purge_tokens,
                  create_rule,drop_rule,rename_rule,move_rule,enable_rule,disable_rule,list_rules,try_rule,set_configuration,delete_configuration,list_configuration,
                  create_client_grant,list_client_grants,delete_client_grant,
                  create_consumer,update_consumer,drop_consumer,purge_events,create_metadata_index,drop_metadata_index,metadata_indexes,_metadata_index_column,_array_of_sql,_metadata_path_text}'),
      ('rules', '{configuration}'),
      ('actions', '{secret,password_matches,reveal,check_password_hash}'),
      ('identity', '{secret,authenticate,clear_identity,user_id,organization_id,claim,claim_text,has_scope,has_permission,has_role}')
    ) AS b (bundle, functions), unnest(b.functions) f
  UNION ALL
  SELECT * FROM (VALUES
      ('reader', 'USAGE', 'TYPE userdir.userquery'),
      ('reader', 'SELECT', 'userdir.users'),
      ('reader', 'SELECT', 'userdir.identities'),
      ('reader', 'SELECT', 'userdir.user_logins'),
      ('reader', 'SELECT', 'userdir.profiles'),
      ('reader', 'SELECT', 'userdir.directory'),
      ('reader', 'SELECT (id, name, strategy, display_name, metadata, created_at, updated_at)', 'userdir.connections'),
      ('editor', 'UPDATE (email_verified, phone_verified, name, given_name, family_name, nickname, picture, blocked, user_metadata, app_metadata, attributes)', 'userdir.users'),
      ('login', 'SELECT', 'userdir.directory'),
      ('actions', 'USAGE', 'TYPE userdir.secret'),
      ('events', 'SELECT', 'userdir.directory'),
      ('events', 'SELECT', 'userdir.event_consumers'),
      ('admin', 'SELECT', 'userdir.logs'),
      ('admin', 'SELECT', 'userdir.rules'),
      ('admin', 'ALL', 'FUNCTION userdir.rules_listing()')
    ) AS t (bundle, privilege, object)
$$;
COMMENT ON FUNCTION userdir._bundle_contents() IS
'Lists what each bundle adds: functions by their names, tables by their qualified names.';

CREATE FUNCTION userdir._contained_bundles(bundle text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE bundle WHEN 'identity' THEN '{identity}'
                     WHEN 'actions' THEN '{actions}'
                     WHEN 'reader' THEN '{identity,reader}'
                     WHEN 'editor' THEN '{identity,reader,editor}'
                     WHEN 'login' THEN '{identity,login}'
                     WHEN 'events' THEN '{events}'
                     WHEN 'rules' THEN '{identity,rules}'
                     WHEN 'admin' THEN '{identity,reader,editor,login,events,rules,admin}' END::text[]
$$;
COMMENT ON FUNCTION userdir._contained_bundles(text) IS 'Lists the bundles that a bundle is made of; null when there is no such bundle.';

CREATE FUNCTION userdir._bundle_statements(bundle text, verb text) RETURNS SETOF text
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 100
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%s %s ON %s', verb, c.privilege,
                CASE WHEN c.privilege = 'EXECUTE' THEN 'FUNCTION ' || p.oid::regprocedure ELSE c.object END)
    FROM userdir._bundle_contents() c
    LEFT JOIN (pg_proc p
               JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
               JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid AND e.extname = 'userdir')
      ON c.privilege = 'EXECUTE' AND p.proname = c.object
   WHERE c.bundle = ANY (userdir._contained_bundles(_bundle_statements.bundle))
     AND (c.privilege <> 'EXECUTE' OR p.oid IS NOT NULL)
$$;
COMMENT ON FUNCTION userdir._bundle_statements(text, text) IS
'Returns the beginnings of the GRANT or REVOKE statements of a bundle, up to the role.';

CREATE FUNCTION userdir._check_bundle(role_name text, bundle text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF userdir._contained_bundles(bundle) IS NULL THEN
    RAISE EXCEPTION 'unknown bundle "%"', left(bundle, 64)
      USING ERRCODE = 'invalid_parameter_value', HINT = 'The bundles are identity, reader, editor, login, events, rules, admin and actions.';
  ELSIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    RAISE EXCEPTION 'role "%" does not exist', left(role_name, 64) USING ERRCODE = 'undefined_object';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_bundle(text, text) IS 'Raises 22023 for an unknown bundle, 42704 for an unknown role.';

CREATE FUNCTION userdir._apply_bundle(role_name text, bundle text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  statement text;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA userdir TO %I', role_name);
  FOR statement IN SELECT userdir._bundle_statements(bundle, 'GRANT') LOOP
    EXECUTE format('%s TO %I', statement, role_name);
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._apply_bundle(text, text) IS 'Grants all that a bundle holds to a role.';

CREATE FUNCTION userdir._renew_grants() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  g record;
BEGIN
  FOR g IN SELECT b.role_name, b.bundle FROM userdir.bundle_grants b
            WHERE EXISTS (SELECT FROM pg_roles r WHERE r.rolname = b.role_name)
            ORDER BY b.role_name, b.bundle
  LOOP
    PERFORM userdir._apply_bundle(g.role_name, g.bundle);
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._renew_grants() IS
'Grants again what was granted, so that roles also get what a new version added to their bundles.';

CREATE FUNCTION userdir._grant_to(role_name text, bundle text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM userdir._check_bundle(role_name, bundle);
  INSERT INTO userdir.bundle_grants (role_name, bundle) VALUES (_grant_to.role_name, _grant_to.bundle)
    ON CONFLICT DO NOTHING;
  PERFORM userdir._apply_bundle(role_name, bundle);
END
$$;
COMMENT ON FUNCTION userdir._grant_to(text, text) IS 'Body of grant_to().';

CREATE FUNCTION userdir.grant_to(role_name text, bundle text) RETURNS void
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.grant_to(text, text) IS
'Gives a role a bundle of privileges.

role_name: an existing role. bundle: identity (become the user of a token and ask who is acting, for roles of the application and its policies; part of every other bundle), reader (read users, identities and login statistics, not the options of connections), editor (reader, and create, change and delete users), login (let users in: signup, login, authenticate_password, change_password, request_password_change, reset_password, create_email_verification_ticket, verify_email, check_password_policy, federated_login, continue_login, upsert_from_connection; for the application''s server, which can reset passwords by tickets), events (read and acknowledge the events of all consumers), rules (identity, and read the configuration in rules: for owners of rules who are not the owner of the directory), admin (all of these, and manage connections, rules, consumers and indexes on metadata), actions (what the actions of custom databases need, for the role that owns their functions: type secret, password_matches, reveal). Installing, dropping and granting stay with the owner.
A later install() gives the role what a new version adds to its bundles.
Errors: 22023 for an unknown bundle; 42704 for an unknown role.';

CREATE FUNCTION userdir._revoke_from(role_name text, bundle text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  statement text;
BEGIN
  PERFORM userdir._check_bundle(role_name, bundle);
  DELETE FROM userdir.bundle_grants b WHERE b.role_name = _revoke_from.role_name AND b.bundle = _revoke_from.bundle;
  FOR statement IN SELECT userdir._bundle_statements(bundle, 'REVOKE') LOOP
    EXECUTE format('%s FROM %I', statement, role_name);
  END LOOP;
  EXECUTE format('REVOKE USAGE ON SCHEMA userdir FROM %I', role_name);

  -- What another of the role's bundles holds as well stays.
  PERFORM userdir._renew_grants();
END
$$;
COMMENT ON FUNCTION userdir._revoke_from(text, text) IS 'Body of revoke_from().';

CREATE FUNCTION userdir.revoke_from(role_name text, bundle text) RETURNS void
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.revoke_from(text, text) IS
'Takes a bundle of privileges from a role. What another bundle of the role holds as well stays.

role_name, bundle, errors: as in grant_to().';
