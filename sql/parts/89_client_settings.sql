-- What clients and resource servers may be told: types, bounds and defaults.

CREATE FUNCTION userdir._check_settings(what text, settings jsonb, types jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  property record;
BEGIN
  IF settings IS NULL OR jsonb_typeof(settings) <> 'object' THEN
    RAISE EXCEPTION '% must be a JSON object', what USING ERRCODE = 'UD011';
  END IF;
  FOR property IN SELECT s.key, s.value, jsonb_typeof(s.value) AS type, types ->> s.key AS wanted FROM jsonb_each(settings) s LOOP
    IF property.wanted IS NULL THEN
      RAISE EXCEPTION '% cannot have a property "%"', what, left(property.key, 64)
        USING ERRCODE = 'UD011', HINT = format('These it can have: %s.', (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(types) k));
    ELSIF property.type <> 'null'
          AND NOT (CASE property.wanted
                    WHEN 'strings' THEN property.type = 'array' AND NOT jsonb_path_exists(property.value, 'strict $[*] ? (@.type() != "string")')
                    WHEN 'integer' THEN property.type = 'number' AND property.value #>> '{}' ~ '^-?[0-9]{1,9}$'
                    ELSE property.type = property.wanted END) THEN
      RAISE EXCEPTION 'property "%" of % must be %', property.key, what,
                      CASE property.wanted WHEN 'strings' THEN 'an array of strings' WHEN 'integer' THEN 'an integer'
                                           WHEN 'object' THEN 'an object' WHEN 'array' THEN 'an array' ELSE 'a ' || property.wanted END
        USING ERRCODE = 'UD011';
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._check_settings(text, jsonb, jsonb) IS
'Raises UD011 unless settings is an object whose properties are known and of their types, or null. types: the JSON type of each, integer, or strings for an array of them.';

CREATE FUNCTION userdir._check_bounds(property text, value text, low bigint, high bigint) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF value::bigint NOT BETWEEN low AND high THEN
    RAISE EXCEPTION 'property "%" must be between % and %, not %', property, low, high, value USING ERRCODE = 'UD011';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_bounds(text, text, bigint, bigint) IS 'Raises UD011 unless an integer, where it is not null, is within bounds.';

CREATE FUNCTION userdir._check_choice(property text, value text, choices text[]) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF value <> ALL (choices) THEN
    RAISE EXCEPTION 'property "%" cannot be "%"', property, left(value, 64)
      USING ERRCODE = 'UD011', HINT = format('These it can be: %s.', array_to_string(choices, ', '));
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_choice(text, text, text[]) IS 'Raises UD011 unless a value, where it is not null, is one of some.';

CREATE FUNCTION userdir._signing_algorithms() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT '{RS256,PS256,ES256,EdDSA,HS256}'::pg_catalog.text[] $$;
COMMENT ON FUNCTION userdir._signing_algorithms() IS 'Lists the algorithms that tokens may be signed by.';

CREATE FUNCTION userdir._refresh_token_settings(given jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  rotation text := coalesce(given ->> 'rotation_type', 'non-rotating');
  expiration text := coalesce(given ->> 'expiration_type', CASE rotation WHEN 'rotating' THEN 'expiring' ELSE 'non-expiring' END);
  absolute integer := coalesce((given ->> 'token_lifetime')::integer, 31557600);
BEGIN
  RETURN jsonb_build_object('rotation_type', rotation, 'expiration_type', expiration, 'leeway', 0, 'token_lifetime', absolute,
           'idle_token_lifetime', least(2592000, absolute), 'infinite_token_lifetime', expiration = 'non-expiring',
           'infinite_idle_token_lifetime', expiration = 'non-expiring') || jsonb_strip_nulls(coalesce(given, '{}'));
END
$$;
COMMENT ON FUNCTION userdir._refresh_token_settings(jsonb) IS 'Returns the settings of a client''s refresh tokens with the defaults of what was not given.';

CREATE FUNCTION userdir._check_refresh_token_settings(settings jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  expires boolean := settings ->> 'expiration_type' = 'expiring';
  lasts boolean := (settings ->> 'infinite_token_lifetime')::boolean;
  rests boolean := (settings ->> 'infinite_idle_token_lifetime')::boolean;
BEGIN
  PERFORM userdir._check_choice('refresh_token.rotation_type', settings ->> 'rotation_type', '{rotating,non-rotating}');
  PERFORM userdir._check_choice('refresh_token.expiration_type', settings ->> 'expiration_type', '{expiring,non-expiring}');
  PERFORM userdir._check_bounds('refresh_token.leeway', settings ->> 'leeway', 0, 60);
  PERFORM userdir._check_bounds('refresh_token.token_lifetime', settings ->> 'token_lifetime', 1, 31557600);
  PERFORM userdir._check_bounds('refresh_token.idle_token_lifetime', settings ->> 'idle_token_lifetime', 1, 31557600);
  IF settings ->> 'rotation_type' = 'rotating' AND (NOT expires OR lasts) THEN
    RAISE EXCEPTION 'rotating refresh tokens must expire'
      USING ERRCODE = 'UD011', HINT = 'Set expiration_type to expiring, and leave infinite_token_lifetime false.';
  ELSIF expires AND lasts AND rests THEN
    RAISE EXCEPTION 'expiring refresh tokens need a lifetime or an idle lifetime' USING ERRCODE = 'UD011';
  ELSIF NOT expires AND NOT (lasts AND rests) THEN
    RAISE EXCEPTION 'refresh tokens that do not expire have no lifetime'
      USING ERRCODE = 'UD011', HINT = 'Set expiration_type to expiring.';
  ELSIF expires AND NOT lasts AND NOT rests AND (settings ->> 'idle_token_lifetime')::integer > (settings ->> 'token_lifetime')::integer THEN
    RAISE EXCEPTION 'property "refresh_token.idle_token_lifetime" must not be greater than token_lifetime' USING ERRCODE = 'UD011';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_refresh_token_settings(jsonb) IS 'Raises UD011 unless settings of _refresh_token_settings() fit together.';

CREATE FUNCTION userdir._client_types() RETURNS jsonb
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT '{"name": "string", "description": "string", "app_type": "string", "logo_uri": "string", "is_first_party": "boolean",
           "oidc_conformant": "boolean", "token_endpoint_auth_method": "string", "grant_types": "strings", "callbacks": "strings",
           "allowed_origins": "strings", "web_origins": "strings", "allowed_logout_urls": "strings", "initiate_login_uri": "string",
           "jwt_configuration": "object", "refresh_token": "object", "client_metadata": "object"}'::pg_catalog.jsonb
$$;
COMMENT ON FUNCTION userdir._client_types() IS 'Lists the properties of a client that can be set, with their types.';

CREATE FUNCTION userdir._complete_client(given jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  app_type text := coalesce(given ->> 'app_type', '');
BEGIN
  RETURN jsonb_build_object(
      'is_first_party', true, 'oidc_conformant', true,
      'token_endpoint_auth_method', CASE WHEN app_type IN ('native', 'spa') THEN 'none' ELSE 'client_secret_post' END,
      'grant_types', CASE app_type WHEN 'native' THEN '["authorization_code", "implicit", "refresh_token"]'
                                   WHEN 'spa' THEN '["authorization_code", "implicit", "refresh_token"]'
                                   WHEN 'non_interactive' THEN '["client_credentials"]'
                                   ELSE '["authorization_code", "implicit", "refresh_token", "client_credentials"]' END::jsonb,
      'callbacks', '[]'::jsonb, 'allowed_origins', '[]'::jsonb, 'web_origins', '[]'::jsonb, 'allowed_logout_urls', '[]'::jsonb, 'client_metadata', '{}'::jsonb)
    || given
    || jsonb_build_object(
      'jwt_configuration', '{"alg": "RS256", "lifetime_in_seconds": 36000}' || jsonb_strip_nulls(coalesce(given -> 'jwt_configuration', '{}')),
      'refresh_token', userdir._refresh_token_settings(given -> 'refresh_token'));
END
$$;
COMMENT ON FUNCTION userdir._complete_client(jsonb) IS 'Returns the properties of a client, none of them null, with the defaults of those that were not given.';

CREATE FUNCTION userdir._check_client_types(given jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM userdir._check_settings('a client', given, userdir._client_types());
  PERFORM userdir._check_settings('jwt_configuration', coalesce(nullif(given -> 'jwt_configuration', 'null'), '{}'), '{"alg": "string", "lifetime_in_seconds": "integer"}');
  PERFORM userdir._check_settings('refresh_token', coalesce(nullif(given -> 'refresh_token', 'null'), '{}'),
            '{"rotation_type": "string", "expiration_type": "string", "leeway": "integer", "token_lifetime": "integer", "idle_token_lifetime": "integer",
              "infinite_token_lifetime": "boolean", "infinite_idle_token_lifetime": "boolean"}');
END
$$;
COMMENT ON FUNCTION userdir._check_client_types(jsonb) IS 'Raises UD011 unless the properties that are given for a client are known and of their types.';

CREATE FUNCTION userdir._check_client(client jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  entry record;
BEGIN
  IF coalesce(length(client ->> 'name'), 0) NOT BETWEEN 1 AND 200 OR client ->> 'name' ~ '[<>]' THEN
    RAISE EXCEPTION 'a client''s name must have 1 to 200 characters, none of them < or >' USING ERRCODE = 'UD011';
  ELSIF length(client ->> 'description') > 140 THEN
    RAISE EXCEPTION 'a client''s description is longer than 140 characters' USING ERRCODE = 'UD011';
  END IF;
  PERFORM userdir._check_choice('app_type', client ->> 'app_type', '{native,spa,regular_web,non_interactive}');
  PERFORM userdir._check_choice('token_endpoint_auth_method', client ->> 'token_endpoint_auth_method', '{none,client_secret_post,client_secret_basic}');
  PERFORM userdir._check_choice('jwt_configuration.alg', client #>> '{jwt_configuration,alg}', userdir._signing_algorithms());
  PERFORM userdir._check_bounds('jwt_configuration.lifetime_in_seconds', client #>> '{jwt_configuration,lifetime_in_seconds}', 1, 2592000);
  PERFORM userdir._check_refresh_token_settings(client -> 'refresh_token');
  PERFORM userdir._check_choice('grant_types', g, ARRAY['authorization_code', 'implicit', 'refresh_token', 'client_credentials', 'password',
            'http://auth0.com/oauth/grant-type/password-realm', 'http://auth0.com/oauth/grant-type/passwordless/otp',
            'http://auth0.com/oauth/grant-type/mfa-oob', 'http://auth0.com/oauth/grant-type/mfa-otp', 'http://auth0.com/oauth/grant-type/mfa-recovery-code',
            'urn:ietf:params:oauth:grant-type:device_code', 'urn:ietf:params:oauth:grant-type:token-exchange'])
     FROM jsonb_array_elements_text(client -> 'grant_types') g;

  FOR entry IN SELECT p.name, jsonb_array_length(client -> p.name) AS count,
                      (SELECT max(length(u)) FROM jsonb_array_elements_text(client -> p.name) u) AS longest
                 FROM unnest('{callbacks,allowed_origins,web_origins,allowed_logout_urls}'::text[]) p (name) LOOP
    IF entry.count > 100 OR entry.longest > 2048 THEN
      RAISE EXCEPTION 'property "%" holds more than 100 addresses, or one of more than 2048 characters', entry.name USING ERRCODE = 'UD011';
    END IF;
  END LOOP;
  IF length(client ->> 'logo_uri') > 2048 OR length(client ->> 'initiate_login_uri') > 2048 THEN
    RAISE EXCEPTION 'an address of a client is longer than 2048 characters' USING ERRCODE = 'UD011';
  ELSIF client ->> 'initiate_login_uri' !~ '^https://' THEN
    RAISE EXCEPTION 'property "initiate_login_uri" must begin with https://' USING ERRCODE = 'UD011';
  END IF;

  IF (SELECT count(*) FROM jsonb_object_keys(client -> 'client_metadata')) > 10 THEN
    RAISE EXCEPTION 'a client''s metadata holds more than 10 keys' USING ERRCODE = 'UD011';
  END IF;
  FOR entry IN SELECT key, value FROM jsonb_each(client -> 'client_metadata') LOOP
    IF length(entry.key) > 255 OR jsonb_typeof(entry.value) <> 'string' OR length(entry.value #>> '{}') > 255 THEN
      RAISE EXCEPTION 'a client''s metadata holds something else than strings of up to 255 characters'
        USING ERRCODE = 'UD011', DETAIL = format('Key: "%s".', left(entry.key, 64));
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._check_client(jsonb) IS 'Raises UD011 unless what _complete_client() returned may be stored.';

CREATE FUNCTION userdir._resource_server_types() RETURNS jsonb
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT '{"name": "string", "scopes": "array", "signing_alg": "string", "token_lifetime": "integer", "token_lifetime_for_web": "integer",
           "token_dialect": "string", "enforce_policies": "boolean", "allow_offline_access": "boolean",
           "skip_consent_for_verifiable_first_party_clients": "boolean"}'::pg_catalog.jsonb
$$;
COMMENT ON FUNCTION userdir._resource_server_types() IS 'Lists the properties of a resource server that can be set, with their types.';

CREATE FUNCTION userdir._complete_resource_server(given jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN jsonb_build_object(
      'name', given -> 'identifier', 'scopes', '[]'::jsonb, 'signing_alg', 'RS256', 'token_lifetime', 86400,
      'token_lifetime_for_web', least(7200, (given ->> 'token_lifetime')::integer), 'token_dialect', 'access_token',
      'enforce_policies', false, 'allow_offline_access', false, 'skip_consent_for_verifiable_first_party_clients', true) || given;
END
$$;
COMMENT ON FUNCTION userdir._complete_resource_server(jsonb) IS 'Returns the properties of a resource server, none of them null, with the defaults of those that were not given.';

CREATE FUNCTION userdir._check_scopes(scopes jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  scope jsonb;
BEGIN
  IF jsonb_array_length(scopes) > 1000 THEN
    RAISE EXCEPTION 'a resource server has more than 1000 scopes' USING ERRCODE = 'UD011';
  END IF;
  FOR scope IN SELECT s FROM jsonb_array_elements(scopes) s LOOP
    IF jsonb_typeof(scope) <> 'object' THEN
      RAISE EXCEPTION 'a scope must be a JSON object' USING ERRCODE = 'UD011', HINT = 'For example {"value": "read:orders", "description": "Read orders"}.';
    END IF;
    PERFORM userdir._check_settings('a scope', scope, '{"value": "string", "description": "string"}');
    -- RFC 6749, appendix A.4, which leaves spaces, quotes and backslashes out.
    IF coalesce(scope ->> 'value', '') !~ '^[\x21\x23-\x5b\x5d-\x7e]+$' OR length(scope ->> 'value') > 280 THEN
      RAISE EXCEPTION 'a scope''s value must have 1 to 280 printable ASCII characters, and no space, quote or backslash'
        USING ERRCODE = 'UD011', DETAIL = format('Value: "%s".', left(scope ->> 'value', 64));
    ELSIF length(scope ->> 'description') > 500 THEN
      RAISE EXCEPTION 'a scope''s description is longer than 500 characters' USING ERRCODE = 'UD011';
    ELSIF scope ->> 'value' IN ('openid', 'profile', 'email', 'address', 'phone', 'offline_access') THEN
      RAISE EXCEPTION 'scope "%" has its meaning in OpenID Connect', scope ->> 'value' USING ERRCODE = 'UD011';
    END IF;
  END LOOP;
  IF (SELECT count(*) <> count(DISTINCT s ->> 'value') FROM jsonb_array_elements(scopes) s) THEN
    RAISE EXCEPTION 'a resource server has a scope twice' USING ERRCODE = 'UD011';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_scopes(jsonb) IS 'Raises UD011 unless an array may be the scopes of a resource server.';

CREATE FUNCTION userdir._check_resource_server(server jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF coalesce(length(server ->> 'name'), 0) NOT BETWEEN 1 AND 200 OR server ->> 'name' ~ '[<>]' THEN
    RAISE EXCEPTION 'a resource server''s name must have 1 to 200 characters, none of them < or >' USING ERRCODE = 'UD011';
  END IF;
  PERFORM userdir._check_scopes(server -> 'scopes');
  PERFORM userdir._check_choice('signing_alg', server ->> 'signing_alg', userdir._signing_algorithms());
  PERFORM userdir._check_choice('token_dialect', server ->> 'token_dialect', '{access_token,access_token_authz,rfc9068_profile,rfc9068_profile_authz}');
  PERFORM userdir._check_bounds('token_lifetime', server ->> 'token_lifetime', 1, 2592000);
  PERFORM userdir._check_bounds('token_lifetime_for_web', server ->> 'token_lifetime_for_web', 1, (server ->> 'token_lifetime')::bigint);
  IF (server ->> 'enforce_policies')::boolean THEN
    RAISE EXCEPTION 'enforce_policies needs permissions of users, which this version does not have'
      USING ERRCODE = 'feature_not_supported', HINT = 'Leave it false: all scopes of the API that are asked for are granted.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_resource_server(jsonb) IS
'Raises UD011 unless what _complete_resource_server() returned may be stored, 0A000 for one that enforces policies.';
