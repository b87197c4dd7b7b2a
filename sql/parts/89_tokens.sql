-- Giving out tokens.

CREATE FUNCTION userdir._sign_token(claims jsonb, alg text, typ text, purpose text, sealed bytea) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF octet_length(claims::text) > 102400 THEN
    RAISE EXCEPTION 'the claims of a token are larger than 100 kB' USING ERRCODE = 'UD04B';
  END IF;
  RETURN CASE WHEN alg = 'HS256' THEN userdir._sign_with_sealed(claims, typ, purpose, sealed) ELSE userdir.sign_jwt(claims, alg, NULL, typ) END;
END
$$;
COMMENT ON FUNCTION userdir._sign_token(jsonb, text, text, text, bytea) IS
'Signs a token by the directory''s current key of an algorithm, or by a sealed secret for HS256.

Errors: UD04B when the claims are too large or otherwise refused; UD052 without a key of the algorithm; UD050, UD051 when the secret cannot be read.';

CREATE FUNCTION userdir._make_room_for_access_token(of_user text, of_client text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- Exchanges of several refresh tokens come here at once, each of which has locked its own: they wait for nobody.
  DELETE FROM userdir.access_tokens t
   WHERE (t.user_id, t.id) IN (
     SELECT f.user_id, f.id FROM userdir.access_tokens f
      WHERE f.user_id = of_user AND f.id IN (SELECT o.id FROM userdir.access_tokens o WHERE o.user_id = of_user AND o.client_id = of_client
                                              ORDER BY o.created_at DESC, o.id OFFSET userdir._most_of_a_user() - 1)
        FOR UPDATE SKIP LOCKED);
END
$$;
COMMENT ON FUNCTION userdir._make_room_for_access_token(text, text) IS
'Takes the oldest of the opaque access tokens away that a user has for a client, where there would be more than 200 with another one. What somebody else is using stays until the next time.';

CREATE FUNCTION userdir._make_access_token(of_user text, client record, api record, scopes text[], gty jsonb, of_session text, family text, request jsonb, custom jsonb,
    OUT token text, OUT lifetime integer)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  issued bigint := floor(extract(epoch FROM moment));
  is_web boolean := coalesce(request ->> 'protocol', '') = 'oidc-implicit-profile';
  is_rfc9068 boolean := api.token_dialect ~ '^rfc9068';
  userinfo text := userdir._issuer() || 'userinfo';
  id text;
  hash bytea;
BEGIN
  IF api.identifier IS NULL THEN
    lifetime := CASE WHEN is_web THEN 7200 ELSE 86400 END;
    id := userdir._new_id('');
    token := userdir._make_token('at_', of_user, id, userdir._random_bytes(32));
    -- Not in the statement: the plan of a statement may be logged, with the values in it.
    hash := sha256(convert_to(token, 'UTF8'));
    PERFORM userdir._make_room_for_access_token(of_user, client.id);
    INSERT INTO userdir.access_tokens (user_id, id, token_hash, client_id, session_id, refresh_token_id, scope, created_at, expires_at)
      VALUES (of_user, id, hash, client.id, of_session, family, array_to_string(scopes, ' '), moment, moment + lifetime * interval '1 second');
    RETURN;
  END IF;

  lifetime := CASE WHEN is_web THEN api.token_lifetime_for_web ELSE api.token_lifetime END;
  token := userdir._sign_token(
             userdir._without_nulls(userdir._custom_claims(coalesce(custom, '{}'), scopes)
               || jsonb_build_object(
                    'iss', userdir._issuer(), 'sub', of_user, 'iat', issued, 'exp', issued + lifetime,
                    -- What an API could have signed itself says nothing to userinfo().
                    'aud', CASE WHEN 'openid' = ANY (scopes) AND api.alg <> 'HS256' THEN jsonb_build_array(api.identifier, userinfo) ELSE to_jsonb(api.identifier) END,
                    'scope', nullif(array_to_string(scopes, ' '), ''),
                    'azp', CASE WHEN NOT is_rfc9068 THEN client.id END,
                    'gty', CASE WHEN NOT is_rfc9068 THEN gty END,
                    'client_id', CASE WHEN is_rfc9068 THEN client.id END,
                    'jti', CASE WHEN is_rfc9068 THEN userdir._random_text(16) END)),
             api.alg, CASE WHEN is_rfc9068 THEN 'at+jwt' ELSE 'JWT' END, userdir._signing_purpose(api.identifier), api.sealed_secret);
END
$$;
COMMENT ON FUNCTION userdir._make_access_token(text, record, record, text[], jsonb, text, text, jsonb, jsonb) IS
'Makes an access token: a signed one for an API, an opaque one for userinfo() alone.

client, api: rows of _token_client() and _token_api(). gty: the claim of the grant, or null. of_session, family: where it belongs. request: of _login_request(). custom: claims that somebody adds.
Result: the token, and for how many seconds it is good.';

CREATE FUNCTION userdir._make_id_token(of_user text, client record, scopes text[], access_token text, of_session text, authenticated_at timestamptz, authentication jsonb, nonce text, custom jsonb) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  issued bigint := floor(extract(epoch FROM clock_timestamp()));
  digest bytea := CASE WHEN client.alg = 'EdDSA' THEN sha512(convert_to(access_token, 'UTF8')) ELSE sha256(convert_to(access_token, 'UTF8')) END;
BEGIN
  RETURN userdir._sign_token(
           userdir._without_nulls(userdir._user_claims(of_user, scopes) || userdir._custom_claims(coalesce(custom, '{}'), scopes)
             || jsonb_build_object(
                  'iss', userdir._issuer(), 'sub', of_user, 'aud', client.id, 'iat', issued, 'exp', issued + client.id_token_lifetime,
                  'auth_time', floor(extract(epoch FROM authenticated_at))::bigint, 'sid', of_session, 'nonce', nonce,
                  'amr', authentication -> 'amr', 'acr', authentication -> 'acr',
                  'at_hash', userdir._base64url(substr(digest, 1, length(digest) / 2)))),
           client.alg, 'JWT', userdir._secret_purpose(client.id), client.sealed_secret);
END
$$;
COMMENT ON FUNCTION userdir._make_id_token(text, record, text[], text, text, timestamptz, jsonb, text, jsonb) IS
'Makes an ID token. client: a row of _token_client(). authentication: an object of amr and acr. The other arguments are what its claims are made of.';

CREATE FUNCTION userdir._begin_family(of_user text, client record, api record, scopes text[], grant_type text, of_session text, authenticated_at timestamptz, authentication jsonb, request jsonb,
    OUT id text, OUT token text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  settings jsonb := client.refresh_token;
  check_key bytea := userdir._random_bytes(32);
  new_id text := userdir._new_id('');
  device jsonb := userdir._device(request, NULL);
  hash bytea;
BEGIN
  token := userdir._make_token('rt_', of_user, new_id, check_key);
  hash := sha256(convert_to(token, 'UTF8'));
  DELETE FROM userdir.refresh_tokens t WHERE t.user_id = of_user AND (t.expires_at <= moment OR t.idle_expires_at <= moment);
  DELETE FROM userdir.refresh_tokens t
   WHERE t.user_id = of_user AND t.id IN (SELECT o.id FROM userdir.refresh_tokens o WHERE o.user_id = of_user AND o.client_id = client.id
                                           ORDER BY o.created_at DESC, o.id OFFSET userdir._most_of_a_user() - 1);
  INSERT INTO userdir.refresh_tokens (user_id, id, client_id, session_id, audience, scope, grant_type, rotating, token_hash, check_key, device, authentication,
                                      authenticated_at, created_at, idle_expires_at, expires_at)
    VALUES (of_user, new_id, client.id, of_session, api.identifier, array_to_string(scopes, ' '), grant_type, settings ->> 'rotation_type' = 'rotating', hash, check_key,
            device, authentication, authenticated_at, moment, userdir._idle_end(settings, moment),
            CASE WHEN NOT (settings ->> 'infinite_token_lifetime')::boolean THEN moment + (settings ->> 'token_lifetime')::integer * interval '1 second' END);
  id := new_id;
END
$$;
COMMENT ON FUNCTION userdir._begin_family(text, record, record, text[], text, text, timestamptz, jsonb, jsonb) IS
'Gives out a refresh token, the first of its family. Of 200 that a user has for a client already the oldest goes. The caller has locked the user''s row.';

CREATE FUNCTION userdir._idle_end(settings jsonb, moment timestamptz) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN NOT (settings ->> 'infinite_idle_token_lifetime')::boolean THEN moment + (settings ->> 'idle_token_lifetime')::integer * interval '1 second' END
$$;
COMMENT ON FUNCTION userdir._idle_end(jsonb, timestamptz) IS 'Returns when a refresh token that is used at a moment ends unless it is used again; null: never.';

CREATE FUNCTION userdir._issue(of_user text, client record, api record, grant_type text, methods jsonb, request jsonb, id_token_claims jsonb, access_token_claims jsonb, wanted_scopes text[],
    OUT id_token text, OUT access_token text, OUT refresh_token text, OUT expires_in integer, OUT scope text, OUT session_id text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  scopes text[] := coalesce(wanted_scopes, userdir._granted_scopes(request ->> 'scope', client, api));
  authentication jsonb := jsonb_strip_nulls(jsonb_build_object('amr', request -> 'amr', 'acr', request -> 'acr'));
  s record;
  family record;
  made record;
  family_id text;
BEGIN
  IF request ->> 'session_id' IS NULL THEN
    s := userdir._begin_session(of_user, client.id, request, methods);
  ELSE
    s := userdir._continue_session(of_user, request ->> 'session_id', client.id, request);
  END IF;
  IF s.session_id IS NULL THEN
    RETURN;
  END IF;
  IF 'offline_access' = ANY (scopes) THEN
    family := userdir._begin_family(of_user, client, api, scopes, grant_type, s.session_id, s.authenticated_at, authentication, request);
    family_id := family.id;
    refresh_token := family.token;
  END IF;
  -- After the refresh tokens: whoever locks both, locks them in this order.
  DELETE FROM userdir.access_tokens t WHERE t.user_id = of_user AND t.expires_at <= clock_timestamp();
  made := userdir._make_access_token(of_user, client, api, scopes, to_jsonb(grant_type), s.session_id, family_id, request, access_token_claims);
  access_token := made.token;
  expires_in := made.lifetime;
  IF 'openid' = ANY (scopes) THEN
    id_token := userdir._make_id_token(of_user, client, scopes, access_token, s.session_id, s.authenticated_at, authentication, request ->> 'nonce', id_token_claims);
  END IF;
  scope := array_to_string(scopes, ' ');
  session_id := s.session_id;
END
$$;
COMMENT ON FUNCTION userdir._issue(text, record, record, text, jsonb, jsonb, jsonb, jsonb, text[]) IS
'Gives out the tokens of a login. The caller has locked the user''s row, and seen that the user may log in.

client, api: rows of _token_client() and _token_api(). grant_type: password, or null. methods: how the user authenticated, for the session. request: of _login_request(). id_token_claims, access_token_claims: what somebody adds. wanted_scopes: those that rules have granted; null: those of the request.
Result: the tokens; all null when the request names a session that does not hold.';

CREATE FUNCTION userdir._user_label(of_user text, OUT label text, OUT blocked boolean)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  SELECT coalesce(u.email, u.username, u.phone_number, u.name), coalesce(u.blocked, false) INTO label, _user_label.blocked
    FROM userdir.users u WHERE u.user_id = of_user;
END
$$;
COMMENT ON FUNCTION userdir._user_label(text) IS 'Returns what a user is called in the log of events, and whether an administrator has blocked the user; nulls when there is none.';

CREATE FUNCTION userdir._issue_to_user(of_user text, client record, api record, request jsonb, methods jsonb, id_token_claims jsonb, access_token_claims jsonb, resumed boolean,
    OUT outcome text, OUT description text, OUT user_id text, OUT id_token text, OUT access_token text, OUT refresh_token text, OUT token_type text,
    OUT expires_in integer, OUT scope text, OUT session_id text, OUT redirect_url text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  known record := userdir._user_label(of_user);
  whose text := of_user;
  id_claims jsonb := id_token_claims;
  access_claims jsonb := access_token_claims;
  scopes text[];
  ruled record;
  made record;
BEGIN
  IF known.blocked THEN
    outcome := 'unauthorized';
    description := 'user is blocked';
    PERFORM userdir._write_log('feacft', description, NULL::record, of_user, known.label, request);
    RETURN;
  END IF;
  IF userdir._has_rules('post_login') AND (request ->> 'session_id' IS NULL OR userdir._session_holds(of_user, request ->> 'session_id')) THEN
    ruled := userdir._post_login(of_user, userdir._primary_connection(of_user), request,
               CASE WHEN resumed THEN 'redirect-callback' ELSE coalesce(request ->> 'protocol', 'oidc-basic-profile') END,
               coalesce(methods, (SELECT s.authentication FROM userdir.sessions s WHERE s.user_id = of_user AND s.session_id = request ->> 'session_id')),
               id_token_claims, access_token_claims, userdir._granted_scopes(request ->> 'scope', client, api),
               known.label, 'feacft', NOT resumed AND coalesce(request ->> 'prompt' <> 'none', true));
    IF ruled.outcome <> 'success' THEN
      outcome := ruled.outcome;
      description := ruled.description;
      IF outcome = 'redirect' THEN
        redirect_url := userdir._interrupt_login(of_user, ruled.redirect, jsonb_build_object('kind', 'tokens', 'request', request, 'methods', methods,
                          'id_token_claims', id_token_claims, 'access_token_claims', access_token_claims));
      END IF;
      RETURN;
    END IF;
    whose := ruled.user_id;
    id_claims := ruled.id_token;
    access_claims := ruled.access_token;
    scopes := ruled.scopes;
  END IF;
  made := userdir._issue(whose, client, api, NULL, methods, request, id_claims, access_claims, scopes);
  IF made.session_id IS NULL THEN
    outcome := 'login_required';
    description := 'The session is over.';
    PERFORM userdir._write_log('feacft', description, NULL::record, whose, known.label, request);
    RETURN;
  END IF;
  outcome := 'success';
  user_id := whose;
  id_token := made.id_token;
  access_token := made.access_token;
  refresh_token := made.refresh_token;
  token_type := 'Bearer';
  expires_in := made.expires_in;
  scope := made.scope;
  session_id := made.session_id;
  PERFORM userdir._write_log('seacft', NULL, NULL::record, whose, known.label, request);
END
$$;
COMMENT ON FUNCTION userdir._issue_to_user(text, record, record, jsonb, jsonb, jsonb, jsonb, boolean) IS
'The last step of issue_tokens(), once the arguments are known to be good: runs the rules, gives out the tokens, and logs it. The caller has locked the user''s row.

client, api: rows of _token_client() and _token_api(). request: of _login_request(). methods: how the user authenticated. resumed: whether this goes on after a redirect.
Result: the row of issue_tokens().';

CREATE FUNCTION userdir._issue_tokens(of_user text, client_id text, audience text, wanted_scope text, context jsonb, id_token_claims jsonb, access_token_claims jsonb,
    OUT outcome text, OUT description text, OUT user_id text, OUT id_token text, OUT access_token text, OUT refresh_token text, OUT token_type text,
    OUT expires_in integer, OUT scope text, OUT session_id text, OUT redirect_url text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  client record := userdir._token_client(client_id);
  api record := userdir._token_api(audience);
  request jsonb := userdir._login_request(client_id, audience, wanted_scope, context);
BEGIN
  PERFORM userdir._check_token_context(request, coalesce(api.scopes, '{}'));
  PERFORM FROM userdir.users u WHERE u.user_id = of_user FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM userdir._raise_unknown_user(of_user);
  END IF;
  SELECT t.* INTO outcome, description, user_id, id_token, access_token, refresh_token, token_type, expires_in, scope, session_id, redirect_url
    FROM userdir._issue_to_user(of_user, client, api, request, request #> '{authentication,methods}', id_token_claims, access_token_claims, false) t;
END
$$;
COMMENT ON FUNCTION userdir._issue_tokens(text, text, text, text, jsonb, jsonb, jsonb) IS 'Body of issue_tokens().';

CREATE FUNCTION userdir.issue_tokens(user_id text, client_id text, audience text DEFAULT NULL, scope text DEFAULT NULL, context jsonb DEFAULT '{}',
    id_token_claims jsonb DEFAULT '{}', access_token_claims jsonb DEFAULT '{}',
    OUT outcome text, OUT description text, OUT user_id text, OUT id_token text, OUT access_token text, OUT refresh_token text, OUT token_type text,
    OUT expires_in integer, OUT scope text, OUT session_id text, OUT redirect_url text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.issue_tokens(text, text, text, text, jsonb, jsonb, jsonb) IS
'Gives out the tokens of a user whom the caller has authenticated otherwise: at a provider, by a code that was mailed. It asks for no password: hand it to nobody but the login service.

user_id, client_id: who logs in to what. audience: the API that the access token is for; null: userinfo() alone. scope: what is asked for, with spaces between; null: openid profile email. Scopes that are not known, or not the API''s, are dropped. context: as in login(), and nonce, amr, acr for the ID token, authentication.methods for the session, session_id to continue a session, protocol: oidc-implicit-profile gives the lifetimes of that flow. id_token_claims, access_token_claims: claims to add. Reserved ones are ignored, and so are standard ones whose scope was not granted.
Result: one row. outcome: success; unauthorized, an administrator has blocked the user, or a rule has refused; rule_failed, redirect and interaction_required as in login(); login_required, the session of the context does not hold. description: the same in words. Then the tokens: id_token with scope openid, refresh_token with offline_access; token_type, Bearer; expires_in, of the access token in seconds; scope, what was granted; session_id; redirect_url, as in login().
Errors: UD007 for an unknown user; UD009 for an unknown client; UD010 for an unknown API; UD04B for claims that sign_jwt() refuses, or of more than 100 kB; 55000 when the directory has no issuer; UD052 without a signing key; 22023 for a bad context or a malformed scope.';
