-- Logging in through a provider.

CREATE FUNCTION userdir._try_token(c record, token userdir.secret, nonce text, OUT claims jsonb, OUT code text, OUT problem text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  claims := userdir._verify_token_for(c, token, nonce, '60 s');
EXCEPTION
  -- What is wrong with a token is its bearer's doing, and goes into the log. What is wrong with the connection is not.
  WHEN SQLSTATE 'UD040' OR SQLSTATE 'UD041' OR SQLSTATE 'UD042' OR SQLSTATE 'UD043' OR SQLSTATE 'UD044' OR SQLSTATE 'UD045'
    OR SQLSTATE 'UD046' OR SQLSTATE 'UD047' OR SQLSTATE 'UD048' OR SQLSTATE 'UD049' OR SQLSTATE 'UD04C' OR program_limit_exceeded OR untranslatable_character THEN
    code := sqlstate;
    problem := sqlerrm;
END
$$;
COMMENT ON FUNCTION userdir._try_token(record, userdir.secret, text) IS
'Verifies a token as _verify_token_for() does; what is wrong with it is a result and no error: the SQLSTATE and the message.';

CREATE FUNCTION userdir._try_profile(c record, raw jsonb, extras jsonb, OUT profile jsonb, OUT code text, OUT problem text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  profile := userdir._upsert_from_connection(c.name, raw, extras);
EXCEPTION
  WHEN SQLSTATE 'UD003' OR SQLSTATE 'UD004' OR SQLSTATE 'UD005' OR SQLSTATE 'UD007' OR unique_violation OR program_limit_exceeded THEN
    code := sqlstate;
    problem := sqlerrm;
END
$$;
COMMENT ON FUNCTION userdir._try_profile(record, jsonb, jsonb) IS
'Creates or refreshes a user as upsert_from_connection() does; where the profile is the reason why that cannot be, the result tells SQLSTATE and message.';

CREATE FUNCTION userdir._meet_newcomer(c record, raw jsonb, extras jsonb, request jsonb, name text,
    OUT is_new boolean, OUT outcome text, OUT description text, OUT metadata jsonb)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fresh jsonb;
BEGIN
  is_new := false;
  BEGIN
    fresh := userdir._without_provider_tokens(userdir.normalize_profile(c.strategy, raw, c.name, coalesce(extras, '{}'), c.options));
  EXCEPTION WHEN SQLSTATE 'UD003' OR SQLSTATE 'UD004' OR SQLSTATE 'UD005' OR program_limit_exceeded THEN
    -- Creating the user fails in the same way, and that is told.
    RETURN;
  END;
  is_new := NOT EXISTS (SELECT FROM userdir.identifiers n WHERE n.value = fresh ->> 'user_id' AND n.kind = 'identity' AND n.connection = '');
  IF is_new AND userdir._has_rules('pre_user_registration') THEN
    SELECT r.outcome, r.description, jsonb_strip_nulls(jsonb_build_object('user_metadata', r.profile -> 'user_metadata', 'app_metadata', r.profile -> 'app_metadata'))
      INTO outcome, description, metadata FROM userdir._pre_registration(c, fresh, request, name) r;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._meet_newcomer(record, jsonb, jsonb, jsonb, text) IS
'Finds out whether a login to a passwordless connection is a sign-up, and runs the rules of pre_user_registration then.

Result: whether it is one; the outcome when it may not go on; the metadata of the new user.';

CREATE FUNCTION userdir._welcome_newcomer(of_user text, c record, metadata jsonb, request jsonb, name text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF metadata <> '{}' THEN
    UPDATE userdir.users u SET user_metadata = coalesce(metadata -> 'user_metadata', u.user_metadata), app_metadata = coalesce(metadata -> 'app_metadata', u.app_metadata)
     WHERE u.user_id = of_user;
  END IF;
  PERFORM userdir._after_rules('post_user_registration', of_user, c, request, name, 'fpurh');
END
$$;
COMMENT ON FUNCTION userdir._welcome_newcomer(text, record, jsonb, jsonb, text) IS
'Stores the metadata that the rules gave a new user of a passwordless connection, and runs those of post_user_registration.';

CREATE FUNCTION userdir._refuse_federated_login(c record, of_user text, name text, request jsonb, code text, words text, cause text, OUT outcome text, OUT description text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  outcome := code;
  description := words;
  PERFORM userdir._write_log('f', words, c, of_user, name, request,
                             jsonb_strip_nulls(jsonb_build_object('code', code, 'sqlstate', cause)));
END
$$;
COMMENT ON FUNCTION userdir._refuse_federated_login(record, text, text, jsonb, text, text, text) IS
'Logs a login through a provider that is refused, and returns its outcome. cause: the SQLSTATE that is behind it, or null.';

CREATE FUNCTION userdir._name_of_profile(raw jsonb) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT left(coalesce(raw ->> 'email', raw ->> 'preferred_username', raw ->> 'sub', raw ->> 'id'), 1024) $$;
COMMENT ON FUNCTION userdir._name_of_profile(jsonb) IS 'Returns what the log calls somebody whom a provider''s payload speaks of.';

CREATE FUNCTION userdir._check_federated_login(c record, id_token userdir.secret, profile jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF (id_token IS NULL) = (profile IS NULL) THEN
    RAISE EXCEPTION 'a login through a provider takes an id_token or a profile, one of them' USING ERRCODE = 'invalid_parameter_value';
  ELSIF coalesce(c.kind, 'database') = 'database' THEN
    RAISE EXCEPTION 'connection "%" is of no provider', c.name USING ERRCODE = 'UD006',
      DETAIL = format('Its strategy is "%s".', c.strategy), HINT = 'Its users log in with userdir.login().';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_federated_login(record, userdir.secret, jsonb) IS
'Raises 22023 unless one of id_token and profile is there, UD006 for a connection whose users log in with passwords.';

CREATE FUNCTION userdir._federated_login(connection text, id_token userdir.secret, profile jsonb, client_id text, audience text, wanted_scope text, context jsonb, nonce text, extras jsonb,
    OUT outcome text, OUT description text, OUT user_id text, OUT notices text[], OUT own_id_token text, OUT access_token text, OUT refresh_token text,
    OUT token_type text, OUT expires_in integer, OUT scope text, OUT session_id text, OUT redirect_url text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  c record := userdir._find_connection(connection);
  request jsonb := userdir._login_request(client_id, audience, wanted_scope, context);
  raw jsonb := profile;
  client record;
  api record;
  checked record;
  known record;
  newcomer record;
  signs_up boolean := false;
  is_blocked boolean;
  who text;
  name text;
BEGIN
  PERFORM userdir._check_federated_login(c, id_token, profile);
  IF client_id IS NOT NULL THEN
    client := userdir._token_client(client_id);
    api := userdir._token_api(audience);
    PERFORM userdir._check_token_context(request, coalesce(api.scopes, '{}')), userdir._issuer();
    IF NOT userdir._has_grant(client, '{authorization_code,implicit}') THEN
      SELECT r.* INTO outcome, description
        FROM userdir._refuse_federated_login(c, NULL, NULL, request, 'unauthorized_client', 'Grant type ''authorization_code'' not allowed for the client.', NULL) r;
      RETURN;
    END IF;
  END IF;
  IF NOT userdir._is_enabled_for(c.options, request ->> 'client_id') THEN
    SELECT r.* INTO outcome, description
      FROM userdir._refuse_federated_login(c, NULL, NULL, request, 'invalid_request', 'The connection is not enabled for this client.', NULL) r;
    RETURN;
  END IF;

  IF id_token IS NOT NULL THEN
    checked := userdir._try_token(c, id_token, nonce);
    IF checked.code IS NOT NULL THEN
      SELECT r.* INTO outcome, description FROM userdir._refuse_federated_login(c, NULL, NULL, request, 'invalid_token', checked.problem, checked.code) r;
      RETURN;
    END IF;
    -- What speaks of the token would be another attribute of the user at every login.
    raw := checked.claims - '{iss,aud,exp,iat,nbf,jti,nonce,azp,acr,amr,auth_time,sid,at_hash,c_hash,s_hash}'::text[];
  END IF;

  name := userdir._name_of_profile(raw);
  IF c.kind = 'passwordless' AND (userdir._has_rules('pre_user_registration') OR userdir._has_rules('post_user_registration')) THEN
    newcomer := userdir._meet_newcomer(c, raw, extras, request, name);
    IF newcomer.outcome IS NOT NULL THEN
      outcome := newcomer.outcome;
      description := newcomer.description;
      RETURN;
    END IF;
    signs_up := newcomer.is_new;
  END IF;
  known := userdir._try_profile(c, raw, extras);
  IF known.code IS NOT NULL THEN
    SELECT r.* INTO outcome, description
      FROM userdir._refuse_federated_login(c, NULL, name, request,
             CASE known.code WHEN 'UD007' THEN 'unauthorized' WHEN '23505' THEN 'user_exists' ELSE 'invalid_profile' END, known.problem, known.code) r;
    RETURN;
  END IF;

  who := known.profile ->> 'user_id';
  name := coalesce(known.profile ->> 'email', name);
  IF signs_up THEN
    PERFORM userdir._welcome_newcomer(who, c, newcomer.metadata, request, name);
  END IF;
  is_blocked := CASE WHEN client_id IS NOT NULL THEN userdir._lock_for_tokens(who) ELSE coalesce(known.profile -> 'blocked' = 'true', false) END;
  IF is_blocked IS NULL OR NOT userdir._count_login(who, (request ->> 'ip')::inet) THEN
    SELECT r.* INTO outcome, description FROM userdir._refuse_federated_login(c, NULL, name, request, 'unauthorized', 'The user was deleted meanwhile.', NULL) r;
  ELSIF is_blocked THEN
    SELECT r.* INTO outcome, description FROM userdir._refuse_federated_login(c, who, name, request, 'unauthorized', 'user is blocked', NULL) r;
  ELSE
    SELECT f.* INTO outcome, description, user_id, notices, own_id_token, access_token, refresh_token, token_type, expires_in, scope, session_id, redirect_url
      FROM userdir._finish_login(c, who, name, request, NULL, client, api, NULL, userdir._login_method('federated'), false) f;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._federated_login(text, userdir.secret, jsonb, text, text, text, jsonb, text, jsonb) IS 'Body of federated_login().';

CREATE FUNCTION userdir.federated_login(connection text, id_token userdir.secret DEFAULT NULL, profile jsonb DEFAULT NULL, client_id text DEFAULT NULL, audience text DEFAULT NULL,
    scope text DEFAULT NULL, context jsonb DEFAULT '{}', nonce text DEFAULT NULL, extras jsonb DEFAULT '{}',
    OUT outcome text, OUT description text, OUT user_id text, OUT notices text[], OUT id_token text, OUT access_token text, OUT refresh_token text,
    OUT token_type text, OUT expires_in integer, OUT scope text, OUT session_id text, OUT redirect_url text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.federated_login(text, userdir.secret, jsonb, text, text, text, jsonb, text, jsonb) IS
'Logs a user in through the provider behind a connection: creates the user or refreshes its profile, as upsert_from_connection() does, and counts and logs the login. What comes of it is a value and not an error: commit whatever the outcome is.

connection: its name or id; any but a database. One of: id_token, a token of the provider, verified as in verify_foreign_token(); profile, the provider''s payload, as for normalize_profile(), which is believed. client_id, audience, scope, context: as in login(); the client needs the grant type authorization_code or implicit. nonce: what the request for the token was sent with. extras: further answers of the provider by part name.
Result: the row of login(). outcome: success; invalid_token, the token does not verify; invalid_profile, no user can be made of what the provider sent; user_exists, the user_id or the e-mail address belongs to another user; unauthorized, rule_failed, redirect and interaction_required as in login(), and unauthorized too when the connection creates no users at logins and this one is unknown; invalid_request, the connection is not enabled for the client; unauthorized_client, the client has neither grant type. description: the same in words, null for success. user_id: the user, the primary one of a linked identity, null unless success. notices: null. Then, for a client, tokens as in issue_tokens(): id_token is the directory''s own, not the provider''s. redirect_url: as in login().
Statistics and userdir.logs are written.
Errors: UD008 for an unknown connection; UD006 for a database; UD001 when its options do not say whose tokens it takes; UD009 for an unknown client; UD010 for an unknown API; UD04B for claims of a rule that sign_jwt() refuses; 55000 when the directory has no issuer; UD052 without a signing key; 22023 for a bad context or a malformed scope, and unless there is either a token or a profile; 0A000 where libjwt is missing.';
