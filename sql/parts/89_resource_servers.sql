-- Resource servers: the APIs that access tokens are for. And the issuer, for whom they are made.

CREATE FUNCTION userdir._resource_server_json(of_identifier text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT to_jsonb(s) - '{sealed_signing_secret,created_at,updated_at}'::text[]
         || jsonb_build_object('created_at', userdir._iso_timestamp(s.created_at), 'updated_at', userdir._iso_timestamp(s.updated_at))
    FROM userdir.resource_servers s WHERE s.identifier = of_identifier
$$;
COMMENT ON FUNCTION userdir._resource_server_json(text) IS 'Returns a resource server in the model''s shape, without its secret.';

CREATE FUNCTION userdir._find_resource_server(identifier_or_id text, OUT identifier text)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  SELECT s.identifier INTO _find_resource_server.identifier FROM userdir.resource_servers s
   WHERE s.identifier = identifier_or_id OR s.id = identifier_or_id ORDER BY s.identifier = identifier_or_id DESC LIMIT 1;
END
$$;
COMMENT ON FUNCTION userdir._find_resource_server(text) IS 'Returns the identifier of a resource server that is named by it or by its id, null when there is none.';

CREATE FUNCTION userdir._raise_unknown_resource_server(identifier text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'the resource server does not exist'
    USING ERRCODE = 'UD010', DETAIL = coalesce('Identifier: "' || left(identifier, 255) || '".', 'The identifier is null.'), HINT = 'See userdir.create_resource_server().';
END
$$;
COMMENT ON FUNCTION userdir._raise_unknown_resource_server(text) IS 'Raises UD010.';

CREATE FUNCTION userdir._signing_purpose(of_server text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT 'resource_servers.sealed_signing_secret:' OPERATOR(pg_catalog.||) of_server $$;
COMMENT ON FUNCTION userdir._signing_purpose(text) IS 'Returns the purpose under which the signing secret of a resource server is sealed.';

CREATE FUNCTION userdir._create_resource_server(identifier text, settings jsonb, signing_secret userdir.secret) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  server jsonb;
  new_secret text;
  sealed bytea;
BEGIN
  -- It stands in tokens and, with others, in scopes: no white space.
  IF coalesce(length(identifier), 0) NOT BETWEEN 1 AND 600 OR identifier ~ '[[:space:][:cntrl:]]' THEN
    RAISE EXCEPTION 'the identifier of a resource server must have 1 to 600 characters, and no white space' USING ERRCODE = 'UD011';
  END IF;
  PERFORM userdir._check_settings('a resource server', settings, userdir._resource_server_types());
  server := userdir._complete_resource_server(jsonb_strip_nulls(settings) || jsonb_build_object('identifier', identifier));
  PERFORM userdir._check_resource_server(server);
  PERFORM userdir._check_given_secret(signing_secret, 'HS256');
  IF server ->> 'signing_alg' = 'HS256' THEN
    IF signing_secret IS NULL THEN
      new_secret := userdir._random_text(48);
    END IF;
    sealed := userdir._seal_text(userdir._signing_purpose(identifier), coalesce(signing_secret, userdir.secret(new_secret)));
  ELSIF signing_secret IS NOT NULL THEN
    RAISE EXCEPTION 'only a resource server whose signing_alg is HS256 has a secret' USING ERRCODE = 'UD011';
  END IF;

  PERFORM userdir._lock_audiences();
  IF EXISTS (SELECT FROM userdir.clients c WHERE c.client_id = identifier) THEN
    RAISE EXCEPTION 'this identifier is the client_id of a client' USING ERRCODE = 'unique_violation',
      HINT = 'Tokens name both as their audience: an ID token of the client would pass for an access token of the API.';
  ELSIF identifier = (SELECT d.issuer || 'userinfo' FROM userdir.directory d) THEN
    RAISE EXCEPTION 'this identifier is what access tokens for userinfo() name as their audience' USING ERRCODE = 'unique_violation';
  END IF;
  INSERT INTO userdir.resource_servers
    SELECT (jsonb_populate_record(NULL::userdir.resource_servers,
              server || jsonb_build_object('id', userdir._new_object_id(), 'sealed_signing_secret', sealed, 'created_at', now(), 'updated_at', now()))).*
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a resource server with this identifier exists already' USING ERRCODE = 'unique_violation';
  END IF;
  RETURN userdir._resource_server_json(identifier) || jsonb_strip_nulls(jsonb_build_object('signing_secret', new_secret));
END
$$;
COMMENT ON FUNCTION userdir._create_resource_server(text, jsonb, userdir.secret) IS 'Body of create_resource_server().';

CREATE FUNCTION userdir.create_resource_server(identifier text, settings jsonb DEFAULT '{}', signing_secret userdir.secret DEFAULT NULL) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.create_resource_server(text, jsonb, userdir.secret) IS
'Registers an API for which access tokens are made.

identifier: what tokens name as their audience, a URL mostly; it cannot be changed. settings: an object with any of name, scopes (an array of objects with value and description), signing_alg (RS256, PS256, ES256, EdDSA, HS256), token_lifetime in seconds (86400; at most 2592000), token_lifetime_for_web (7200; for tokens of the implicit flow), token_dialect (access_token, access_token_authz, rfc9068_profile, rfc9068_profile_authz), allow_offline_access (whether refresh tokens are given for it), skip_consent_for_verifiable_first_party_clients, and enforce_policies, which has to be false. signing_secret: what an API of HS256 has already, 32 to 512 bytes; by default one is made.
Result: the resource server, with signing_secret when it was made now: it is not shown again.
Errors: UD011 for a property that is unknown, malformed or out of its bounds; 0A000 for enforce_policies; 23505 when the identifier is taken, is a client_id, or is that of userinfo(), the issuer with userinfo behind it; UD050 without a root key.';

CREATE FUNCTION userdir._get_resource_server(identifier_or_id text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT userdir._resource_server_json(userdir._find_resource_server(identifier_or_id)) $$;
COMMENT ON FUNCTION userdir._get_resource_server(text) IS 'Body of get_resource_server().';

CREATE FUNCTION userdir.get_resource_server(identifier_or_id text) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.get_resource_server(text) IS 'Returns a resource server by its identifier or id, without its secret, null when there is none.';

CREATE FUNCTION userdir._list_resource_servers() RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(jsonb_agg(userdir._resource_server_json(s.identifier) ORDER BY s.identifier), '[]') FROM userdir.resource_servers s $$;
COMMENT ON FUNCTION userdir._list_resource_servers() IS 'Body of list_resource_servers().';

CREATE FUNCTION userdir.list_resource_servers() RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.list_resource_servers() IS 'Returns the resource servers, without their secrets, as a JSON array in the order of their identifiers.';

CREATE FUNCTION userdir._update_resource_server(identifier_or_id text, changes jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  stored userdir.resource_servers;
  server jsonb;
  new_secret text;
  sealed bytea;
BEGIN
  PERFORM userdir._check_settings('a resource server', changes, userdir._resource_server_types());
  SELECT s.* INTO stored FROM userdir.resource_servers s
   WHERE s.identifier = userdir._find_resource_server(identifier_or_id) FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM userdir._raise_unknown_resource_server(identifier_or_id);
  END IF;
  server := userdir._complete_resource_server(
              to_jsonb(stored) - '{id,sealed_signing_secret,created_at,updated_at}'::text[] - ARRAY(SELECT jsonb_object_keys(changes)) || jsonb_strip_nulls(changes));
  PERFORM userdir._check_resource_server(server);
  sealed := CASE WHEN server ->> 'signing_alg' = 'HS256' THEN stored.sealed_signing_secret END;
  IF server ->> 'signing_alg' = 'HS256' AND sealed IS NULL THEN
    new_secret := userdir._random_text(48);
    sealed := userdir._seal_text(userdir._signing_purpose(stored.identifier), userdir.secret(new_secret));
  END IF;
  UPDATE userdir.resource_servers s
     SET (name, scopes, signing_alg, token_lifetime, token_lifetime_for_web, token_dialect, enforce_policies, allow_offline_access,
          skip_consent_for_verifiable_first_party_clients, sealed_signing_secret, updated_at)
         = (SELECT r.name, r.scopes, r.signing_alg, r.token_lifetime, r.token_lifetime_for_web, r.token_dialect, r.enforce_policies, r.allow_offline_access,
                   r.skip_consent_for_verifiable_first_party_clients, sealed, now()
              FROM jsonb_populate_record(NULL::userdir.resource_servers, server) r)
   WHERE s.identifier = stored.identifier;
  RETURN userdir._resource_server_json(stored.identifier) || jsonb_strip_nulls(jsonb_build_object('signing_secret', new_secret));
END
$$;
COMMENT ON FUNCTION userdir._update_resource_server(text, jsonb) IS 'Body of update_resource_server().';

CREATE FUNCTION userdir.update_resource_server(identifier_or_id text, changes jsonb) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.update_resource_server(text, jsonb) IS
'Changes a resource server.

changes: an object with any of the settings of create_resource_server(). What is absent stays; what is given replaces the old one whole, null stands for the default. Another signing_alg than HS256 forgets the signing secret; a change to HS256 makes one.
Result: the resource server as it is now, with signing_secret when it was made now. Tokens that were given out stay as they are.
Errors: UD010 when there is none; UD011 and 0A000 as in create_resource_server().';

CREATE FUNCTION userdir._delete_resource_server(identifier_or_id text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  gone text := userdir._find_resource_server(identifier_or_id);
BEGIN
  DELETE FROM userdir.resource_servers s WHERE s.identifier = gone;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM userdir.refresh_tokens t WHERE t.audience = gone;
  RETURN true;
END
$$;
COMMENT ON FUNCTION userdir._delete_resource_server(text) IS 'Body of delete_resource_server().';

CREATE FUNCTION userdir.delete_resource_server(identifier_or_id text) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.delete_resource_server(text) IS
'Deletes a resource server with the refresh tokens that were given out for it.

Result: true, or false when there was no such resource server.';

CREATE FUNCTION userdir._set_issuer(url text) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  named text := rtrim(url, '/') || '/';
BEGIN
  IF coalesce(named !~ '^(https://[A-Za-z0-9.-]+|http://(localhost|127\.0\.0\.1|\[::1\]))(:[0-9]{1,5})?(/[A-Za-z0-9._~%/-]*)?/$' OR length(named) > 255, true) THEN
    RAISE EXCEPTION 'the issuer must be a URL of https, of at most 255 characters, without query and fragment'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'For example https://login.example.com/. On localhost http will do.';
  END IF;
  PERFORM userdir._lock_audiences();
  IF EXISTS (SELECT FROM userdir.resource_servers s WHERE s.identifier = named || 'userinfo') THEN
    RAISE EXCEPTION 'a resource server has the identifier that userinfo() would have with this issuer' USING ERRCODE = 'unique_violation',
      DETAIL = format('Its identifier is "%suserinfo".', named), HINT = 'Delete it first; userinfo() needs none.';
  END IF;
  UPDATE userdir.directory d SET issuer = named, updated_at = now() WHERE d.issuer IS DISTINCT FROM named;
  RETURN named;
END
$$;
COMMENT ON FUNCTION userdir._set_issuer(text) IS 'Body of set_issuer().';

CREATE FUNCTION userdir.set_issuer(url text) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.set_issuer(text) IS
'Sets what the directory calls itself in the tokens that it gives out, their iss.

url: the address of the login service, https://login.example.com/ for instance.
Result: the issuer as it is kept, with a slash at its end. introspect() and userinfo() take tokens of another issuer for none from then on, and authenticate() refuses them; verify_jwt() looks at the issuer that it is told.
Errors: 22023 for anything but a URL of https, or of http on localhost; 23505 when a resource server has the identifier that is userinfo()''s then.';

CREATE FUNCTION userdir._issuer() RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  issuer text := (SELECT d.issuer FROM userdir.directory d);
BEGIN
  IF issuer IS NULL THEN
    RAISE EXCEPTION 'the directory has no issuer'
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'SELECT userdir.set_issuer(''https://login.example.com/'');';
  END IF;
  RETURN issuer;
END
$$;
COMMENT ON FUNCTION userdir._issuer() IS
'Returns the iss of the directory''s tokens.

Errors: 55000 when it was not set.';

CREATE FUNCTION userdir.issuer() RETURNS text
  LANGUAGE c STABLE PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.issuer() IS
'Returns what the directory calls itself in tokens.

Errors: 55000 when set_issuer() was never called.';

CREATE FUNCTION userdir._set_session_lifetimes(session_lifetime integer, idle_session_lifetime integer) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF session_lifetime IS NULL OR session_lifetime NOT BETWEEN 1 AND 8760 THEN
    RAISE EXCEPTION 'session_lifetime must be between 1 and 8760 hours' USING ERRCODE = 'invalid_parameter_value';
  ELSIF idle_session_lifetime IS NULL OR idle_session_lifetime NOT BETWEEN 1 AND least(2400, session_lifetime) THEN
    RAISE EXCEPTION 'idle_session_lifetime must be between 1 and 2400 hours, and not greater than session_lifetime' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE userdir.directory d
     SET session_lifetime = _set_session_lifetimes.session_lifetime, idle_session_lifetime = _set_session_lifetimes.idle_session_lifetime, updated_at = now();
END
$$;
COMMENT ON FUNCTION userdir._set_session_lifetimes(integer, integer) IS 'Body of set_session_lifetimes().';

CREATE FUNCTION userdir.set_session_lifetimes(session_lifetime integer DEFAULT 168, idle_session_lifetime integer DEFAULT 72) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.set_session_lifetimes(integer, integer) IS
'Sets how long sessions last that begin, or are used, from now on.

session_lifetime: hours at most, up to 8760. idle_session_lifetime: hours without use, up to 2400.
Errors: 22023 for a lifetime out of its bounds, or an idle one that is the longer.';
