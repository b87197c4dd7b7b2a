-- Refresh tokens: exchanging and revoking them.
--
-- A row is a family. It is locked before it is judged, after the user's row, which deleting a user
-- locks first as well.

CREATE FUNCTION userdir._token_parties_hold(of_client text, audience text, given_at timestamptz) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT FROM userdir.clients c WHERE c.client_id = of_client AND c.created_at <= given_at)
     AND (audience IS NULL OR EXISTS (SELECT FROM userdir.resource_servers s WHERE s.identifier = audience AND s.created_at <= given_at))
$$;
COMMENT ON FUNCTION userdir._token_parties_hold(text, text, timestamptz) IS
'Tells whether the client and the API of a token are there and were when it was given out. Deleting one of them takes the tokens along that it can see; one that was being given out just then is left.';

CREATE FUNCTION userdir._judge_refresh_token(family record, token record, presented userdir.secret, client record, blocked boolean, moment timestamptz) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE
    WHEN family.token_hash <> token.token_hash AND family.previous_hash IS DISTINCT FROM token.token_hash
         AND NOT userdir._is_token_of(presented, family.check_key) THEN 'made_up'
    WHEN family.client_id <> client.id THEN 'of_another_client'
    WHEN NOT userdir._token_parties_hold(family.client_id, family.audience, family.created_at) THEN 'orphaned'
    WHEN blocked THEN 'blocked'
    WHEN family.expires_at <= moment THEN 'expired'
    WHEN family.idle_expires_at <= moment THEN 'idle'
    WHEN family.token_hash = token.token_hash THEN 'current'
    WHEN family.previous_hash = token.token_hash AND family.rotation_salt IS NOT NULL
         AND moment <= family.rotated_at + (client.refresh_token ->> 'leeway')::integer * interval '1 second' THEN 'previous'
    ELSE 'reused' END;
END
$$;
COMMENT ON FUNCTION userdir._judge_refresh_token(record, record, userdir.secret, record, boolean, timestamptz) IS
'Tells what a refresh token is worth.

family: the locked row of userdir.refresh_tokens. token: of _read_token(). client: of _token_client().
Result: current, or previous, which is good for the leeway; else why it is not good: made_up, of_another_client, orphaned, blocked, expired, idle, reused. The last five end the family.';

CREATE FUNCTION userdir._refuse_refresh_token(family record, state text, known record, request jsonb, OUT outcome text, OUT description text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  outcome := CASE state WHEN 'blocked' THEN 'unauthorized' ELSE 'invalid_grant' END;
  description := CASE state WHEN 'blocked' THEN 'user is blocked' ELSE 'Unknown or invalid refresh token.' END;
  IF state IN ('orphaned', 'blocked', 'expired', 'idle', 'reused') THEN
    PERFORM userdir._end_family(family);
  END IF;
  IF state = 'reused' THEN
    PERFORM userdir._write_log('ferrt', 'A refresh token that was exchanged already was used again.', NULL::record, family.user_id, known.label, request,
                               jsonb_build_object('familyId', family.id, 'generation', family.generation));
  ELSE
    PERFORM userdir._write_log('fertft', CASE state WHEN 'made_up' THEN 'The refresh token was made up.'
                                                    WHEN 'of_another_client' THEN 'The refresh token was given to another client.'
                                                    WHEN 'orphaned' THEN 'The client or the API of the refresh token was deleted.'
                                                    WHEN 'blocked' THEN 'user is blocked'
                                                    WHEN 'expired' THEN 'The refresh token has expired.'
                                                    WHEN 'idle' THEN 'The refresh token was not used for too long.' END,
                               NULL::record, family.user_id, known.label, request);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._refuse_refresh_token(record, text, record, jsonb) IS
'Refuses a refresh token that is not good: logs why, and ends the family where that has to be. The outcome tells the caller no more than the model does. state: of _judge_refresh_token().';

CREATE FUNCTION userdir._rotate_refresh_token(family record, token record, presented userdir.secret, state text, client record, request jsonb, moment timestamptz) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  salt bytea;
  successor text;
  hash bytea;
  idle_end timestamptz := userdir._idle_end(client.refresh_token, moment);
  seen_device jsonb := userdir._device(request, family.device);
BEGIN
  IF NOT family.rotating OR state = 'previous' THEN
    UPDATE userdir.refresh_tokens t SET last_exchanged_at = moment, idle_expires_at = idle_end, device = seen_device
     WHERE t.user_id = family.user_id AND t.id = family.id;
    RETURN CASE WHEN family.rotating THEN userdir._next_token(presented, family.rotation_salt, family.check_key) END;
  END IF;

  IF (client.refresh_token ->> 'leeway')::integer > 0 THEN
    salt := userdir._random_bytes(32);
    successor := userdir._next_token(presented, salt, family.check_key);
  ELSE
    successor := userdir._make_token('rt_', family.user_id, family.id, family.check_key);
  END IF;
  hash := sha256(convert_to(successor, 'UTF8'));
  UPDATE userdir.refresh_tokens t
     SET token_hash = hash, generation = family.generation + 1, previous_hash = token.token_hash, rotation_salt = salt, rotated_at = moment,
         last_exchanged_at = moment, idle_expires_at = idle_end, device = seen_device
   WHERE t.user_id = family.user_id AND t.id = family.id;
  RETURN successor;
END
$$;
COMMENT ON FUNCTION userdir._rotate_refresh_token(record, record, userdir.secret, text, record, jsonb, timestamptz) IS
'Notes that a refresh token was exchanged, and returns the one that takes its place: for the previous token the one that took it already; null when the family does not rotate.';

CREATE FUNCTION userdir._end_family(family record) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM userdir.access_tokens t WHERE t.user_id = family.user_id AND t.refresh_token_id = family.id;
  DELETE FROM userdir.refresh_tokens t WHERE t.user_id = family.user_id AND t.id = family.id;
END
$$;
COMMENT ON FUNCTION userdir._end_family(record) IS 'Takes back a family of refresh tokens, with the opaque access tokens that came out of it.';

CREATE FUNCTION userdir._refresh_rules(family record, request jsonb, id_token_claims jsonb, access_token_claims jsonb, granted text[], name text,
    OUT outcome text, OUT description text, OUT user_id text, OUT id_token jsonb, OUT access_token jsonb, OUT scopes text[])
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  audience jsonb := jsonb_strip_nulls(jsonb_build_object('audience', family.audience, 'session_id', family.session_id));
BEGIN
  SELECT r.outcome, r.description, r.user_id, r.id_token, r.access_token, r.scopes INTO outcome, description, user_id, id_token, access_token, scopes
    FROM userdir._post_login(family.user_id, userdir._primary_connection(family.user_id), request || audience, 'oauth2-refresh-token',
                             (SELECT s.authentication FROM userdir.sessions s WHERE s.user_id = family.user_id AND s.session_id = family.session_id),
                             id_token_claims, access_token_claims, granted, name, 'fertft', false) r;
  IF outcome = 'success' AND user_id <> family.user_id THEN
    outcome := 'rule_failed';
    description := 'A rule failed.';
    PERFORM userdir._write_log('fertft', 'A rule has set primary_user at the exchange of a refresh token, which stays with its user.', NULL::record, family.user_id, name, request);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._refresh_rules(record, jsonb, jsonb, jsonb, text[], text) IS
'Runs the rules for the exchange of a refresh token. family: the locked row of userdir.refresh_tokens. request: of _login_request(). granted: the scopes. name: what the log calls the user. Result: as of _post_login().';

CREATE FUNCTION userdir._refresh_tokens(client_id text, presented userdir.secret, wanted_scope text, context jsonb, id_token_claims jsonb, access_token_claims jsonb,
    OUT outcome text, OUT description text, OUT user_id text, OUT id_token text, OUT access_token text, OUT refresh_token text, OUT token_type text,
    OUT expires_in integer, OUT scope text, OUT session_id text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  client record := userdir._token_client(client_id);
  request jsonb := userdir._login_request(client_id, NULL, wanted_scope, context);
  token record := userdir._read_token(presented);
  moment timestamptz;
  family userdir.refresh_tokens;
  api record;
  known record;
  state text;
  made record;
  scopes text[];
  ruled record;
  id_claims jsonb := id_token_claims;
  access_claims jsonb := access_token_claims;
BEGIN
  PERFORM userdir._check_token_context(request, NULL);
  IF 'refresh_token' <> ALL (client.grant_types) THEN
    outcome := 'unauthorized_client';
    description := 'Grant type ''refresh_token'' not allowed for the client.';
    PERFORM userdir._write_log('fertft', description, NULL::record, NULL, NULL, request);
    RETURN;
  END IF;
  IF token.kind = 'rt_' THEN
    -- What rules store in the user's row must not wait for somebody who waits for the token.
    IF userdir._has_rules('post_login') THEN
      PERFORM FROM userdir.users u WHERE u.user_id = token.user_id FOR NO KEY UPDATE;
    ELSE
      PERFORM FROM userdir.users u WHERE u.user_id = token.user_id FOR KEY SHARE;
    END IF;
    SELECT t.* INTO family FROM userdir.refresh_tokens t WHERE t.user_id = token.user_id AND t.id = token.id FOR UPDATE;
  END IF;
  -- Others may have exchanged the token while this one waited for them.
  moment := clock_timestamp();
  IF family.id IS NULL THEN
    outcome := 'invalid_grant';
    description := 'Unknown or invalid refresh token.';
    PERFORM userdir._write_log('fertft', 'The refresh token is not known.', NULL::record, NULL, NULL, request);
    RETURN;
  END IF;
  known := userdir._user_label(family.user_id);
  state := userdir._judge_refresh_token(family, token, presented, client, known.blocked, moment);
  IF state NOT IN ('current', 'previous') THEN
    SELECT r.outcome, r.description INTO outcome, description FROM userdir._refuse_refresh_token(family, state, known, request) r;
    RETURN;
  END IF;

  api := userdir._token_api(family.audience);
  scopes := userdir._granted_scopes(family.scope, client, api);
  IF btrim(wanted_scope) <> '' THEN
    IF EXISTS (SELECT FROM unnest(string_to_array(btrim(wanted_scope), ' ')) w WHERE w <> '' AND w <> ALL (string_to_array(family.scope, ' '))) THEN
      outcome := 'invalid_scope';
      description := 'A scope was asked for that was not granted with the refresh token.';
      PERFORM userdir._write_log('fertft', description, NULL::record, family.user_id, known.label, request);
      RETURN;
    END IF;
    scopes := ARRAY(SELECT g FROM unnest(scopes) WITH ORDINALITY g (g, place) WHERE g = ANY (string_to_array(btrim(wanted_scope), ' ')) ORDER BY place);
  END IF;

  IF userdir._has_rules('post_login') THEN
    ruled := userdir._refresh_rules(family, request, id_token_claims, access_token_claims, scopes, known.label);
    IF ruled.outcome <> 'success' THEN
      outcome := ruled.outcome;
      description := ruled.description;
      RETURN;
    END IF;
    id_claims := ruled.id_token;
    access_claims := ruled.access_token;
    scopes := ruled.scopes;
  END IF;

  outcome := 'success';
  refresh_token := userdir._rotate_refresh_token(family, token, presented, state, client, request, moment);
  DELETE FROM userdir.access_tokens t WHERE t.user_id = family.user_id AND t.refresh_token_id = family.id AND t.expires_at <= moment;
  made := userdir._make_access_token(family.user_id, client, api, scopes,
            CASE WHEN family.grant_type IS NULL THEN '"refresh_token"' ELSE jsonb_build_array('refresh_token', family.grant_type) END,
            family.session_id, family.id, request, access_claims);
  access_token := made.token;
  expires_in := made.lifetime;
  IF 'openid' = ANY (scopes) THEN
    id_token := userdir._make_id_token(family.user_id, client, scopes, access_token, family.session_id, family.authenticated_at, family.authentication, NULL, id_claims);
  END IF;
  token_type := 'Bearer';
  user_id := family.user_id;
  scope := array_to_string(scopes, ' ');
  session_id := family.session_id;
  PERFORM userdir._write_log('sertft', NULL, NULL::record, family.user_id, known.label, request || jsonb_strip_nulls(jsonb_build_object('audience', family.audience)));
END
$$;
COMMENT ON FUNCTION userdir._refresh_tokens(text, userdir.secret, text, jsonb, jsonb, jsonb) IS 'Body of refresh_tokens().';

CREATE FUNCTION userdir.refresh_tokens(client_id text, refresh_token userdir.secret, scope text DEFAULT NULL, context jsonb DEFAULT '{}',
    id_token_claims jsonb DEFAULT '{}', access_token_claims jsonb DEFAULT '{}',
    OUT outcome text, OUT description text, OUT user_id text, OUT id_token text, OUT access_token text, OUT refresh_token text, OUT token_type text,
    OUT expires_in integer, OUT scope text, OUT session_id text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.refresh_tokens(text, userdir.secret, text, jsonb, jsonb, jsonb) IS
'Exchanges a refresh token for new tokens. Commit whatever the outcome is: a token that is used twice ends its family by that.

client_id: the application, which authenticate_client() knows. refresh_token: the token. scope: fewer scopes than were granted, null for all. context: as in login(). id_token_claims, access_token_claims: as in issue_tokens().
Result: one row as of issue_tokens(). refresh_token is the one to use from now on, null when the client''s tokens do not rotate and the old one stays. A token that was exchanged already gives the same successor once more for the leeway of the client; after it, it ends its family. outcome: success; invalid_grant, the token does not hold; invalid_scope, more was asked for than was granted; unauthorized, an administrator has blocked the user, or a rule has refused; rule_failed, a rule has failed; interaction_required, a rule wants the user to be redirected; the token stays as it is after these three. unauthorized_client, the client has not the grant type refresh_token.
Errors: UD009 for an unknown client; UD04B for claims that sign_jwt() refuses, or of more than 100 kB; UD052 without a signing key; 22023 for a bad context or a malformed scope.';

CREATE FUNCTION userdir._refresh_token_json(t record) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN jsonb_strip_nulls(jsonb_build_object(
    'id', t.id, 'user_id', t.user_id, 'created_at', userdir._iso_timestamp(t.created_at), 'idle_expires_at', userdir._iso_timestamp(t.idle_expires_at),
    'expires_at', userdir._iso_timestamp(t.expires_at), 'last_exchanged_at', userdir._iso_timestamp(t.last_exchanged_at), 'device', t.device,
    'client_id', t.client_id, 'session_id', t.session_id, 'rotating', t.rotating,
    'resource_servers', CASE WHEN t.audience IS NULL THEN '[]' ELSE jsonb_build_array(jsonb_build_object('audience', t.audience, 'scopes', t.scope)) END));
END
$$;
COMMENT ON FUNCTION userdir._refresh_token_json(record) IS 'Returns a row of userdir.refresh_tokens in the model''s shape.';

CREATE FUNCTION userdir._list_refresh_tokens(user_id text, client_id text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(userdir._refresh_token_json(t) ORDER BY t.created_at DESC, t.id), '[]') FROM userdir.refresh_tokens t
   WHERE t.user_id = _list_refresh_tokens.user_id AND (_list_refresh_tokens.client_id IS NULL OR t.client_id = _list_refresh_tokens.client_id)
     AND coalesce(least(t.idle_expires_at, t.expires_at) > clock_timestamp(), true)
$$;
COMMENT ON FUNCTION userdir._list_refresh_tokens(text, text) IS 'Body of list_refresh_tokens().';

CREATE FUNCTION userdir.list_refresh_tokens(user_id text, client_id text DEFAULT NULL) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.list_refresh_tokens(text, text) IS
'Returns the refresh tokens of a user that hold, not the tokens themselves, as a JSON array, the latest first; those of one client when asked for.';

CREATE FUNCTION userdir._revoke_refresh_token(id text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  family userdir.refresh_tokens;
BEGIN
  SELECT t.* INTO family FROM userdir.refresh_tokens t WHERE t.id = _revoke_refresh_token.id;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM FROM userdir.users u WHERE u.user_id = family.user_id FOR KEY SHARE;
  PERFORM FROM userdir.refresh_tokens t WHERE t.user_id = family.user_id AND t.id = family.id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM userdir._end_family(family);
  RETURN true;
END
$$;
COMMENT ON FUNCTION userdir._revoke_refresh_token(text) IS 'Body of revoke_refresh_token().';

CREATE FUNCTION userdir.revoke_refresh_token(id text) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.revoke_refresh_token(text) IS
'Takes back a refresh token, whatever it has become by rotation, and the opaque access tokens that came out of it.

id: of list_refresh_tokens(). Whoever has the token itself calls revoke_token().
Result: true, or false when there was none.';
