-- Tokens that applications get for themselves, without a user, and which APIs they may have them for.

CREATE FUNCTION userdir._client_grant_json(g record) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN jsonb_build_object('id', g.id, 'client_id', g.client_id, 'audience', g.audience, 'scope', to_jsonb(g.scope)); END $$;
COMMENT ON FUNCTION userdir._client_grant_json(record) IS 'Returns a row of userdir.client_grants in the model''s shape.';

CREATE FUNCTION userdir._create_client_grant(client_id text, audience text, scope text[]) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  client record := userdir._token_client(client_id);
  api record := userdir._token_api(audience);
  unknown text;
  g userdir.client_grants;
BEGIN
  IF api.identifier IS NULL THEN
    RAISE EXCEPTION 'a client grant is for an API' USING ERRCODE = 'UD010';
  END IF;
  SELECT s INTO unknown FROM unnest(scope) s WHERE coalesce(s <> ALL (api.scopes), true) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'scope "%" is not one of the API', left(unknown, 256) USING ERRCODE = 'UD011';
  END IF;
  INSERT INTO userdir.client_grants AS n (id, client_id, audience, scope) VALUES (userdir._new_id('cgr_'), client.id, api.identifier, coalesce(_create_client_grant.scope, '{}'))
    ON CONFLICT ON CONSTRAINT client_grants_client_id_audience_key DO NOTHING RETURNING n.* INTO g;
  IF g.id IS NULL THEN
    RAISE EXCEPTION 'the client has a grant for this API already' USING ERRCODE = 'unique_violation';
  END IF;
  RETURN userdir._client_grant_json(g);
END
$$;
COMMENT ON FUNCTION userdir._create_client_grant(text, text, text[]) IS 'Body of create_client_grant().';

CREATE FUNCTION userdir.create_client_grant(client_id text, audience text, scope text[] DEFAULT '{}') RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.create_client_grant(text, text, text[]) IS
'Lets an application have access tokens of its own for an API; see issue_client_tokens().

client_id, audience: the application and the API. scope: the scopes that it may have at most.
Result: the grant in the model''s shape: id, client_id, audience, scope.
Errors: UD009 for an unknown client; UD010 for an unknown API; UD011 for a scope that the API has not; 23505 when there is a grant already.';

CREATE FUNCTION userdir._list_client_grants(client_id text, audience text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(userdir._client_grant_json(g) ORDER BY g.client_id, g.audience), '[]') FROM userdir.client_grants g
   WHERE (_list_client_grants.client_id IS NULL OR g.client_id = _list_client_grants.client_id)
     AND (_list_client_grants.audience IS NULL OR g.audience = _list_client_grants.audience)
$$;
COMMENT ON FUNCTION userdir._list_client_grants(text, text) IS 'Body of list_client_grants().';

CREATE FUNCTION userdir.list_client_grants(client_id text DEFAULT NULL, audience text DEFAULT NULL) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.list_client_grants(text, text) IS 'Returns which applications may have tokens of their own for which APIs, as a JSON array; those of one client or API when asked for.';

CREATE FUNCTION userdir._delete_client_grant(id text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM userdir.client_grants g WHERE g.id = _delete_client_grant.id;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION userdir._delete_client_grant(text) IS 'Body of delete_client_grant().';

CREATE FUNCTION userdir.delete_client_grant(id text) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.delete_client_grant(text) IS
'Takes a grant away. Access tokens that were given out are good until they expire.

Result: true, or false when there was none.';

CREATE FUNCTION userdir._client_event(client_id text, audience text, scopes text[], context jsonb) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  client record := userdir._token_client(client_id);
BEGIN
  RETURN jsonb_strip_nulls(jsonb_build_object('audience', audience))
         || jsonb_build_object('client', jsonb_build_object('id', client.id, 'name', client.name, 'metadata', context -> 'clientMetadata'),
                               'context', context, 'scope', to_jsonb(coalesce(scopes, '{}')), 'access_token', '{}'::jsonb);
END
$$;
COMMENT ON FUNCTION userdir._client_event(text, text, text[], jsonb) IS 'Returns what the rules of credentials_exchange get. Errors: UD009 for an unknown client.';

CREATE FUNCTION userdir._issue_client_tokens(client_id text, audience text, wanted_scope text, context jsonb,
    OUT outcome text, OUT description text, OUT access_token text, OUT token_type text, OUT expires_in integer, OUT scope text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  client record := userdir._token_client(client_id);
  api record := userdir._token_api(audience);
  request jsonb := userdir._login_request(client_id, audience, wanted_scope, context);
  known userdir.client_grants;
  scopes text[];
  claims jsonb;
  ran record;
  judged record;
  made record;
BEGIN
  PERFORM userdir._check_token_context(request, NULL);
  SELECT g.* INTO known FROM userdir.client_grants g WHERE g.client_id = client.id AND g.audience = api.identifier;
  IF 'client_credentials' <> ALL (client.grant_types) THEN
    outcome := 'unauthorized_client';
    description := 'Grant type ''client_credentials'' not allowed for the client.';
  ELSIF known.id IS NULL THEN
    outcome := 'access_denied';
    description := 'Client is not authorized to access the API.';
  ELSIF EXISTS (SELECT FROM unnest(string_to_array(btrim(wanted_scope), ' ')) w WHERE w <> '' AND w <> ALL (known.scope)) THEN
    outcome := 'invalid_scope';
    description := 'A scope was asked for that the client may not have.';
  END IF;
  IF outcome IS NOT NULL THEN
    PERFORM userdir._write_log('feccft', description, NULL::record, NULL, NULL, request);
    RETURN;
  END IF;

  scopes := ARRAY(SELECT s FROM unnest(known.scope) WITH ORDINALITY s (s, place)
                   WHERE coalesce(btrim(wanted_scope), '') = '' OR s = ANY (string_to_array(btrim(wanted_scope), ' ')) ORDER BY place);
  IF userdir._has_rules('credentials_exchange') THEN
    ran := userdir._run_rules('credentials_exchange', userdir._client_event(client.id, api.identifier, scopes,
             userdir._rule_context(userdir._primary_connection(NULL), client.id, request, request ->> 'protocol', NULL, NULL, NULL, NULL)), NULL, true);
    judged := userdir._judge_rules(ran);
    IF judged.outcome <> 'success' THEN
      outcome := judged.outcome;
      description := judged.description;
      PERFORM userdir._write_log('feccft', judged.problem, NULL::record, NULL, NULL, request, judged.details);
      RETURN;
    END IF;
    scopes := ARRAY(SELECT jsonb_array_elements_text(ran.result -> 'scope'));
    claims := ran.result -> 'access_token';
  END IF;
  made := userdir._make_access_token(client.id || '@clients', client, api, scopes, '"client-credentials"', NULL, NULL, request, claims);
  outcome := 'success';
  access_token := made.token;
  token_type := 'Bearer';
  expires_in := made.lifetime;
  scope := nullif(array_to_string(scopes, ' '), '');
  PERFORM userdir._write_log('seccft', NULL, NULL::record, NULL, NULL, request);
END
$$;
COMMENT ON FUNCTION userdir._issue_client_tokens(text, text, text, jsonb) IS 'Body of issue_client_tokens().';

CREATE FUNCTION userdir.issue_client_tokens(client_id text, audience text, scope text DEFAULT NULL, context jsonb DEFAULT '{}',
    OUT outcome text, OUT description text, OUT access_token text, OUT token_type text, OUT expires_in integer, OUT scope text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.issue_client_tokens(text, text, text, jsonb) IS
'Gives an application an access token of its own for an API, without a user: the grant client_credentials. The rules of credentials_exchange run.

client_id: the application, which authenticate_client() knows. audience: the API. scope: what is asked for, with spaces between; null: all that its grant has. context: as in login().
Result: one row. outcome: success; unauthorized_client, the client has not the grant type client_credentials; access_denied, it has no grant for the API, see create_client_grant(); invalid_scope, it may not have a scope; unauthorized and rule_failed, by the rules. description: the same in words. access_token, whose sub is the client_id with @clients behind it; token_type, Bearer; expires_in, in seconds; scope, what was granted.
Errors: UD009 for an unknown client; UD010 for an unknown API; UD04B for claims that sign_jwt() refuses, or of more than 100 kB; 55000 when the directory has no issuer; UD052 without a signing key; 22023 for a bad context or a malformed scope.';
