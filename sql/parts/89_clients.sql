-- Clients: the applications that users log in to.

CREATE FUNCTION userdir._client_json(of_client text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_strip_nulls(to_jsonb(c) - '{sealed_secret,created_at,updated_at,client_metadata}'::text[])
         || jsonb_build_object('client_metadata', c.client_metadata, 'created_at', userdir._iso_timestamp(c.created_at),
                               'updated_at', userdir._iso_timestamp(c.updated_at))
    FROM userdir.clients c WHERE c.client_id = of_client
$$;
COMMENT ON FUNCTION userdir._client_json(text) IS 'Returns a client in the model''s shape, without its secret.';

CREATE FUNCTION userdir._raise_unknown_client(client_id text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'the client does not exist'
    USING ERRCODE = 'UD009', DETAIL = coalesce('client_id: "' || left(client_id, 64) || '".', 'The client_id is null.'), HINT = 'See userdir.create_client().';
END
$$;
COMMENT ON FUNCTION userdir._raise_unknown_client(text) IS 'Raises UD009.';

CREATE FUNCTION userdir._secret_purpose(of_client text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT 'clients.sealed_secret:' OPERATOR(pg_catalog.||) of_client $$;
COMMENT ON FUNCTION userdir._secret_purpose(text) IS 'Returns the purpose under which the secret of a client is sealed.';

CREATE FUNCTION userdir._check_given_secret(secret userdir.secret, alg text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  shortest integer := CASE alg WHEN 'HS256' THEN 32 ELSE 16 END;
BEGIN
  IF userdir._secret_length(secret) NOT BETWEEN shortest AND 512 THEN
    RAISE EXCEPTION 'the secret must have % to 512 bytes', shortest
      USING ERRCODE = 'UD011', HINT = 'To sign by HS256 it takes 32.';
  ELSIF alg = 'HS256' AND NOT userdir._signs_by_hs256(secret) THEN
    RAISE EXCEPTION 'a key in PEM is no secret to sign with by HS256' USING ERRCODE = 'UD011', HINT = 'Pass none, and one is made.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_given_secret(userdir.secret, text) IS
'Raises UD011 unless a secret, where it is not null, is long enough and not too long for one with whom tokens by an algorithm are shared.';

CREATE FUNCTION userdir._lock_audiences() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ BEGIN PERFORM FROM userdir.directory d FOR NO KEY UPDATE; END $$;
COMMENT ON FUNCTION userdir._lock_audiences() IS
'Keeps others from giving a name to a client, an API or the issuer until the transaction ends. What tokens name as their audience is one of the three, and only one.';

CREATE FUNCTION userdir._create_client(name text, settings jsonb, client_secret userdir.secret) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  new_id text := coalesce(settings ->> 'client_id', userdir._new_id('') || userdir._new_id(''));
  client jsonb;
  new_secret text;
  sealed bytea;
BEGIN
  IF jsonb_typeof(settings -> 'client_id') NOT IN ('string', 'null') OR new_id !~ '^[A-Za-z0-9_.~-]{1,64}$' THEN
    RAISE EXCEPTION 'a client_id must have 1 to 64 letters, digits and characters of "_.~-"' USING ERRCODE = 'UD011';
  ELSIF settings ? 'name' THEN
    RAISE EXCEPTION 'a client''s name is an argument of its own' USING ERRCODE = 'UD011';
  END IF;
  -- Not of a scalar, which has no properties to be taken away and is refused next.
  settings := CASE WHEN jsonb_typeof(settings) = 'object' THEN settings - 'client_id' ELSE settings END;
  PERFORM userdir._check_client_types(settings);
  client := userdir._complete_client(jsonb_strip_nulls(settings) || jsonb_build_object('name', coalesce(_create_client.name, '')));
  PERFORM userdir._check_client(client);
  PERFORM userdir._check_given_secret(client_secret, client #>> '{jwt_configuration,alg}');
  IF client_secret IS NULL THEN
    new_secret := userdir._random_text(48);
  END IF;
  sealed := userdir._seal_text(userdir._secret_purpose(new_id), coalesce(client_secret, userdir.secret(new_secret)));
  PERFORM userdir._lock_audiences();
  IF EXISTS (SELECT FROM userdir.resource_servers s WHERE s.identifier = new_id) THEN
    RAISE EXCEPTION 'this client_id is the identifier of a resource server' USING ERRCODE = 'unique_violation',
      HINT = 'Tokens name both as their audience: an ID token of the client would pass for an access token of the API.';
  END IF;

  INSERT INTO userdir.clients
    SELECT (jsonb_populate_record(NULL::userdir.clients, client || jsonb_build_object('client_id', new_id, 'sealed_secret', sealed,
                                                                                      'created_at', now(), 'updated_at', now()))).*
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a client with this client_id exists already' USING ERRCODE = 'unique_violation';
  END IF;
  RETURN userdir._client_json(new_id) || jsonb_strip_nulls(jsonb_build_object('client_secret', new_secret));
END
$$;
COMMENT ON FUNCTION userdir._create_client(text, jsonb, userdir.secret) IS 'Body of create_client().';

CREATE FUNCTION userdir.create_client(name text, settings jsonb DEFAULT '{}', client_secret userdir.secret DEFAULT NULL) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.create_client(text, jsonb, userdir.secret) IS
'Registers an application that users log in to.

name: what people call it. settings: an object with any of description, app_type (native, spa, regular_web, non_interactive), grant_types (password and refresh_token among them, where login() and refresh_tokens() are to serve it), token_endpoint_auth_method (none, client_secret_post, client_secret_basic), jwt_configuration (alg, lifetime_in_seconds of ID tokens: 36000), refresh_token (rotation_type, expiration_type, leeway in seconds, token_lifetime, idle_token_lifetime, infinite_token_lifetime, infinite_idle_token_lifetime), callbacks, allowed_logout_urls, allowed_origins, web_origins, logo_uri, initiate_login_uri, is_first_party, oidc_conformant, client_metadata, and client_id for one that has a name elsewhere already. client_secret: a secret that it has already, of 16 to 512 bytes, and of 32 at least when its ID tokens are signed by HS256; by default one is made.
Result: the client, with client_secret when it was made now: it is not shown again.
Errors: UD011 for a property that is unknown, malformed or out of its bounds; 23505 when the client_id is taken, or is the identifier of a resource server; UD050 without a root key.';

CREATE FUNCTION userdir._get_client(client_id text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT userdir._client_json(client_id) $$;
COMMENT ON FUNCTION userdir._get_client(text) IS 'Body of get_client().';

CREATE FUNCTION userdir.get_client(client_id text) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.get_client(text) IS 'Returns a client without its secret, null when there is none.';

CREATE FUNCTION userdir._list_clients(app_type text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(userdir._client_json(c.client_id) ORDER BY c.name, c.client_id), '[]')
    FROM userdir.clients c WHERE _list_clients.app_type IS NULL OR c.app_type = _list_clients.app_type
$$;
COMMENT ON FUNCTION userdir._list_clients(text) IS 'Body of list_clients().';

CREATE FUNCTION userdir.list_clients(app_type text DEFAULT NULL) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.list_clients(text) IS
'Returns the clients, without their secrets, as a JSON array in the order of their names, those of one app_type when asked for.';

CREATE FUNCTION userdir._update_client(client_id text, changes jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- Expressions about a record outlive the table, those about its row type do not: see uninstall().
  stored record;
  kept jsonb;
  client jsonb;
BEGIN
  PERFORM userdir._check_client_types(changes);
  SELECT c.* INTO stored FROM userdir.clients c WHERE c.client_id = _update_client.client_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM userdir._raise_unknown_client(client_id);
  END IF;
  SELECT coalesce(jsonb_object_agg(k.key, k.value), '{}') INTO kept
    FROM jsonb_each(jsonb_strip_nulls(to_jsonb(stored) - '{client_id,sealed_secret,created_at,updated_at}'::text[])) k
   WHERE NOT changes ? k.key;
  client := userdir._complete_client(kept || jsonb_strip_nulls(changes)
              || CASE WHEN jsonb_typeof(changes -> 'client_metadata') = 'object'
                      THEN jsonb_build_object('client_metadata', jsonb_strip_nulls(stored.client_metadata || (changes -> 'client_metadata')))
                      ELSE '{}' END);
  PERFORM userdir._check_client(client);
  IF client #>> '{jwt_configuration,alg}' = 'HS256' AND stored.jwt_configuration ->> 'alg' <> 'HS256'
     AND NOT userdir._signs_by_hs256(userdir._secret_purpose(stored.client_id), stored.sealed_secret) THEN
    RAISE EXCEPTION 'the client''s secret is shorter than the 32 bytes that HS256 takes, or a key in PEM'
      USING ERRCODE = 'UD011', HINT = 'Give the client another one first, with userdir.rotate_client_secret().';
  END IF;
  UPDATE userdir.clients c
     SET (name, description, app_type, logo_uri, is_first_party, oidc_conformant, token_endpoint_auth_method, grant_types, callbacks,
          allowed_origins, web_origins, allowed_logout_urls, initiate_login_uri, jwt_configuration, refresh_token, client_metadata, updated_at)
         = (SELECT r.name, r.description, r.app_type, r.logo_uri, r.is_first_party, r.oidc_conformant, r.token_endpoint_auth_method, r.grant_types, r.callbacks,
                   r.allowed_origins, r.web_origins, r.allowed_logout_urls, r.initiate_login_uri, r.jwt_configuration, r.refresh_token, r.client_metadata, now()
              FROM jsonb_populate_record(NULL::userdir.clients, client) r)
   WHERE c.client_id = stored.client_id;
  RETURN userdir._client_json(stored.client_id);
END
$$;
COMMENT ON FUNCTION userdir._update_client(text, jsonb) IS 'Body of update_client().';

CREATE FUNCTION userdir.update_client(client_id text, changes jsonb) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.update_client(text, jsonb) IS
'Changes a client.

changes: an object with any of name and the settings of create_client() but client_id. What is absent stays; what is given replaces the old one whole, null stands for the default. client_metadata alone is merged: a null deletes its key.
Result: the client as it is now. Refresh tokens that were given out keep their absolute lifetime, and whether they rotate.
Errors: UD009 when there is none; UD011 as in create_client(), also where tokens are to be signed by HS256 and the secret is too short for it; UD050, UD051 when it cannot be read to see.';

CREATE FUNCTION userdir._rotate_client_secret(client_id text, client_secret userdir.secret) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  new_secret text;
  sealed bytea;
  alg text;
BEGIN
  SELECT c.jwt_configuration ->> 'alg' INTO alg FROM userdir.clients c WHERE c.client_id = _rotate_client_secret.client_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM userdir._raise_unknown_client(client_id);
  END IF;
  PERFORM userdir._check_given_secret(client_secret, alg);
  IF client_secret IS NULL THEN
    new_secret := userdir._random_text(48);
  END IF;
  sealed := userdir._seal_text(userdir._secret_purpose(client_id), coalesce(client_secret, userdir.secret(new_secret)));
  UPDATE userdir.clients c SET sealed_secret = sealed, updated_at = now() WHERE c.client_id = _rotate_client_secret.client_id;
  RETURN userdir._client_json(client_id) || jsonb_strip_nulls(jsonb_build_object('client_secret', new_secret));
END
$$;
COMMENT ON FUNCTION userdir._rotate_client_secret(text, userdir.secret) IS 'Body of rotate_client_secret().';

CREATE FUNCTION userdir.rotate_client_secret(client_id text, client_secret userdir.secret DEFAULT NULL) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.rotate_client_secret(text, userdir.secret) IS
'Gives a client another secret; the old one is good no more, nor are tokens that it signed by HS256.

client_secret: the new secret, as in create_client(); by default one is made.
Result: the client, with client_secret when it was made now: it is not shown again.
Errors: UD009 when there is none; UD011 for a secret that is too short or too long; UD050 without a root key.';

CREATE FUNCTION userdir._delete_client(client_id text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM userdir.clients c WHERE c.client_id = _delete_client.client_id;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM userdir.refresh_tokens t WHERE t.client_id = _delete_client.client_id;
  DELETE FROM userdir.access_tokens t WHERE t.client_id = _delete_client.client_id;
  RETURN true;
END
$$;
COMMENT ON FUNCTION userdir._delete_client(text) IS 'Body of delete_client().';

CREATE FUNCTION userdir.delete_client(client_id text) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.delete_client(text) IS
'Deletes a client with its refresh tokens and opaque access tokens.

Result: true, or false when there was no such client.';

CREATE FUNCTION userdir._authenticate_client(client_id text, client_secret userdir.secret, OUT outcome text, OUT description text)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  client userdir.clients;
BEGIN
  SELECT c.* INTO client FROM userdir.clients c WHERE c.client_id = _authenticate_client.client_id;
  IF client_secret IS NULL AND client.token_endpoint_auth_method = 'none'
     OR client_secret IS NOT NULL AND client.client_id IS NOT NULL
        AND userdir._is_sealed_text(client_secret, userdir._secret_purpose(client.client_id), client.sealed_secret) THEN
    outcome := 'success';
  ELSE
    outcome := 'invalid_client';
    description := 'The client is not known, or its secret is wrong or missing.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._authenticate_client(text, userdir.secret) IS 'Body of authenticate_client().';

CREATE FUNCTION userdir.authenticate_client(client_id text, client_secret userdir.secret DEFAULT NULL, OUT outcome text, OUT description text)
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.authenticate_client(text, userdir.secret) IS
'Checks the secret by which an application proves to be a client; a call of a token endpoint begins with it. login() and refresh_tokens() ask for no secret: whoever calls them has asked here.

client_secret: the secret, null for a client whose token_endpoint_auth_method is none.
Result: one row: outcome, success or invalid_client, and description, null for success. The secret is compared in constant time.
Errors: UD050, UD051 when the stored secret cannot be read.';
