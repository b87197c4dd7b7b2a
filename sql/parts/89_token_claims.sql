-- What goes into tokens: scopes, the user's claims, and the claims that others add.

CREATE FUNCTION userdir._token_client(client_id text,
    OUT id text, OUT name text, OUT grant_types text[], OUT oidc_conformant boolean, OUT alg text, OUT id_token_lifetime integer,
    OUT refresh_token jsonb, OUT sealed_secret bytea)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  SELECT c.client_id, c.name, c.grant_types, c.oidc_conformant, c.jwt_configuration ->> 'alg', (c.jwt_configuration ->> 'lifetime_in_seconds')::integer,
         c.refresh_token, c.sealed_secret
    INTO id, _token_client.name, _token_client.grant_types, _token_client.oidc_conformant, alg, id_token_lifetime,
         _token_client.refresh_token, _token_client.sealed_secret
    FROM userdir.clients c WHERE c.client_id = _token_client.client_id;
  IF NOT FOUND THEN
    PERFORM userdir._raise_unknown_client(client_id);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._token_client(text) IS
'Returns what tokens for a client need to know of it.

Errors: UD009 when there is none.';

CREATE FUNCTION userdir._token_api(audience text,
    OUT identifier text, OUT scopes text[], OUT alg text, OUT token_lifetime integer, OUT token_lifetime_for_web integer, OUT token_dialect text,
    OUT allow_offline_access boolean, OUT sealed_secret bytea)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF audience IS NULL OR audience = userdir._issuer() || 'userinfo' THEN
    RETURN;
  END IF;
  SELECT s.identifier, ARRAY(SELECT e ->> 'value' FROM jsonb_array_elements(s.scopes) e), s.signing_alg, s.token_lifetime, s.token_lifetime_for_web,
         s.token_dialect, s.allow_offline_access, s.sealed_signing_secret
    INTO _token_api.identifier, _token_api.scopes, alg, _token_api.token_lifetime, _token_api.token_lifetime_for_web,
         _token_api.token_dialect, _token_api.allow_offline_access, sealed_secret
    FROM userdir.resource_servers s WHERE s.identifier = audience;
  IF NOT FOUND THEN
    PERFORM userdir._raise_unknown_resource_server(audience);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._token_api(text) IS
'Returns what access tokens for an API need to know of it; nulls for no audience, or that of userinfo().

Errors: UD010 when there is none.';

CREATE FUNCTION userdir._check_scope(requested text, known text[]) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted text;
BEGIN
  -- RFC 6749, section 3.3; blanks too many do no harm.
  IF requested !~ '^[ \x21\x23-\x5b\x5d-\x7e]*$' THEN
    RAISE EXCEPTION 'the scope is malformed' USING ERRCODE = 'invalid_parameter_value',
      DETAIL = 'It has a quotation mark, a backslash, a tab, a line break or what is not ASCII.',
      HINT = 'Scopes are one text with spaces between them, as in openid profile; no JSON.';
  END IF;
  -- A comma may be part of a scope, but hardly of one that nobody knows.
  SELECT w INTO wanted FROM unnest(string_to_array(requested, ' ')) w WHERE w ~ ',' AND w <> ALL (known) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'there is no scope "%"', left(wanted, 64) USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Scopes have spaces between them, and no commas.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_scope(text, text[]) IS
'Raises 22023 unless what is asked for are scopes with spaces between them. known: those of the API, of which one may have a comma in it; null where unknown scopes are not dropped, but an outcome of their own.';

CREATE FUNCTION userdir._check_token_context(request jsonb, known_scopes text[]) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY '{nonce,acr,protocol,session_id}'::text[] LOOP
    IF jsonb_typeof(request -> name) NOT IN ('string', 'null') OR length(request ->> name) > 1024 THEN
      RAISE EXCEPTION '% in context must be a string of at most 1024 characters', name USING ERRCODE = 'invalid_parameter_value';
    END IF;
  END LOOP;
  IF jsonb_typeof(request -> 'amr') NOT IN ('array', 'null') OR jsonb_path_exists(request, 'strict $.amr[*] ? (@.type() != "string")', silent => true) THEN
    RAISE EXCEPTION 'amr in context must be an array of strings' USING ERRCODE = 'invalid_parameter_value', HINT = 'For example ["pwd", "otp"]; see RFC 8176.';
  ELSIF jsonb_typeof(request #> '{authentication,methods}') NOT IN ('array', 'null') THEN
    RAISE EXCEPTION 'authentication.methods in context must be an array' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM userdir._check_scope(request ->> 'scope', known_scopes);
END
$$;
COMMENT ON FUNCTION userdir._check_token_context(jsonb, text[]) IS 'Raises 22023 unless what a request says for tokens is of its types, and its scope one. known_scopes: as of _check_scope().';

CREATE FUNCTION userdir._legacy_scopes() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT '{name,given_name,family_name,nickname,picture,username,email_verified,phone_number,phone_verified,created_at,updated_at,
           identities,user_id,user_metadata,app_metadata}'::pg_catalog.text[]
$$;
COMMENT ON FUNCTION userdir._legacy_scopes() IS 'Lists the attributes that a client which is not oidc_conformant may name as scopes.';

CREATE FUNCTION userdir._granted_scopes(requested text, client record, api record) RETURNS text[]
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN ARRAY(
    SELECT w.scope FROM unnest(string_to_array(coalesce(nullif(btrim(requested), ''), 'openid profile email'), ' ')) WITH ORDINALITY w (scope, place)
     WHERE w.scope IN ('openid', 'profile', 'email', 'address', 'phone')
        OR w.scope = 'offline_access' AND 'refresh_token' = ANY (client.grant_types) AND coalesce(api.allow_offline_access, true)
        OR w.scope = ANY (api.scopes)
        OR NOT client.oidc_conformant AND w.scope = ANY (userdir._legacy_scopes())
     GROUP BY w.scope ORDER BY min(w.place));
END
$$;
COMMENT ON FUNCTION userdir._granted_scopes(text, record, record) IS
'Returns which of the scopes that were asked for are granted; the others are dropped. Nothing asked for is openid profile email.

client: a row of _token_client(). api: one of _token_api().';

CREATE FUNCTION userdir._user_claims(of_user text, scopes text[]) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_strip_nulls(
           jsonb_build_object('sub', u.user_id)
           || CASE WHEN 'profile' = ANY (scopes) THEN jsonb_build_object(
                'name', u.name, 'given_name', u.given_name, 'family_name', u.family_name, 'nickname', u.nickname, 'picture', u.picture,
                'middle_name', CASE WHEN jsonb_typeof(u.attributes -> 'middle_name') = 'string' THEN u.attributes -> 'middle_name' END,
                'updated_at', userdir._iso_timestamp(u.updated_at)) ELSE '{}' END
           || CASE WHEN 'email' = ANY (scopes) THEN jsonb_build_object('email', u.email, 'email_verified', u.email_verified) ELSE '{}' END
           || CASE WHEN 'phone' = ANY (scopes) THEN jsonb_build_object('phone_number', u.phone_number, 'phone_number_verified', u.phone_verified) ELSE '{}' END
           || CASE WHEN 'address' = ANY (scopes) AND jsonb_typeof(u.attributes -> 'address') = 'object'
                   THEN jsonb_build_object('address', u.attributes -> 'address') ELSE '{}' END)
         || CASE WHEN scopes && userdir._legacy_scopes()
                 THEN (SELECT coalesce(jsonb_object_agg(a.key, a.value), '{}') FROM jsonb_each(userdir._users_json(ARRAY[of_user]) -> 0) a
                        WHERE a.key = ANY (scopes) AND a.key = ANY (userdir._legacy_scopes())) ELSE '{}' END
    FROM userdir.users u WHERE u.user_id = of_user
$$;
COMMENT ON FUNCTION userdir._user_claims(text, text[]) IS 'Returns the claims about a user that scopes stand for, of those that the profile has; null when there is no such user.';

CREATE FUNCTION userdir._is_reserved_claim(name text) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN name = ANY ('{acr,act,active,amr,at_hash,ath,attest,aud,auth_time,authorization_details,azp,c_hash,client_id,cnf,cty,dest,entitlements,events,exp,
                       groups,gty,htm,htu,iat,internalService,iss,jcard,jku,jti,jwe,jwk,kid,may_act,mky,nbf,nonce,object_id,org_id,org_name,orig,origid,
                       permissions,roles,rph,s_hash,scope,sid,sub,sub_jwk,toe,txn,typ,uuid,vot,vtm,x5t#S256}'::text[])
         OR name ~ '^sip_' OR name ~* '^urn:auth0(:|$)'
         OR name ~* '^https?://([^/?#]*@)?([^/?#@:]*\.)?(auth0\.com|webtask\.io|webtask\.run)\.?(:[0-9]*)?([/?#]|$)';
END
$$;
COMMENT ON FUNCTION userdir._is_reserved_claim(text) IS 'Tells whether nobody but the directory may set a claim: a name of a protocol, or in the namespace of the model''s maker.';

CREATE FUNCTION userdir._scope_of_claim(name text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE WHEN name OPERATOR(pg_catalog.=) ANY ('{name,given_name,family_name,middle_name,nickname,preferred_username,profile,picture,website,gender,birthdate,zoneinfo,locale,updated_at}'::pg_catalog.text[]) THEN 'profile'
              WHEN name OPERATOR(pg_catalog.=) ANY ('{email,email_verified}'::pg_catalog.text[]) THEN 'email'
              WHEN name OPERATOR(pg_catalog.=) ANY ('{phone_number,phone_number_verified}'::pg_catalog.text[]) THEN 'phone'
              WHEN name OPERATOR(pg_catalog.=) 'address' THEN 'address' END
$$;
COMMENT ON FUNCTION userdir._scope_of_claim(text) IS 'Returns the scope without which a standard claim is in no token, null for other claims.';

CREATE FUNCTION userdir._custom_claims(given jsonb, scopes text[]) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF jsonb_typeof(given) <> 'object' THEN
    RAISE EXCEPTION 'custom claims must be a JSON object' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN coalesce((SELECT jsonb_object_agg(g.key, g.value) FROM jsonb_each(given) g
                    WHERE NOT userdir._is_reserved_claim(g.key) AND coalesce(userdir._scope_of_claim(g.key) = ANY (scopes), true)), '{}');
END
$$;
COMMENT ON FUNCTION userdir._custom_claims(jsonb, text[]) IS
'Returns those of the claims that somebody wants in a token which may be there; the others are ignored.

Errors: 22023 when they are no object.';

CREATE FUNCTION userdir._without_nulls(claims jsonb) RETURNS jsonb
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT coalesce(pg_catalog.jsonb_object_agg(c.key, c.value), '{}') FROM pg_catalog.jsonb_each(claims) c
   WHERE c.value OPERATOR(pg_catalog.<>) 'null'
$$;
COMMENT ON FUNCTION userdir._without_nulls(jsonb) IS 'Returns an object without those of its own properties that are null.';
