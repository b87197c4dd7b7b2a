-- Sessions: what remains of a login while it lasts.

CREATE FUNCTION userdir._end_user_access(of_user text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- Whoever exchanges a refresh token has locked its row, and is waited for; then the row is gone for the others.
  DELETE FROM userdir.refresh_tokens t WHERE t.user_id = of_user;
  DELETE FROM userdir.access_tokens t WHERE t.user_id = of_user;
  DELETE FROM userdir.sessions s WHERE s.user_id = of_user;
  DELETE FROM userdir.login_continuations l WHERE l.user_id = of_user;
END
$$;
COMMENT ON FUNCTION userdir._end_user_access(text) IS
'Ends all sessions, refresh tokens, opaque access tokens and interrupted logins of a user. The caller has locked the user''s row, so that nobody logs in meanwhile.';

CREATE FUNCTION userdir._device(request jsonb, known jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN coalesce(known, jsonb_strip_nulls(jsonb_build_object('initial_ip', request -> 'ip', 'initial_user_agent', request -> 'user_agent')))
         || jsonb_strip_nulls(jsonb_build_object('last_ip', request -> 'ip', 'last_user_agent', request -> 'user_agent'));
END
$$;
COMMENT ON FUNCTION userdir._device(jsonb, jsonb) IS 'Returns what is known of a device after a request, in the model''s shape; known: what was before, null for nothing.';

CREATE FUNCTION userdir._continue_session(of_user text, wanted text, client_id text, request jsonb, OUT session_id text, OUT authenticated_at timestamptz)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  idle interval := (SELECT d.idle_session_lifetime * interval '1 hour' FROM userdir.directory d);
  s userdir.sessions;
BEGIN
  SELECT f.* INTO s FROM userdir.sessions f WHERE f.user_id = of_user AND f.session_id = wanted FOR NO KEY UPDATE;
  IF NOT FOUND OR moment >= least(s.idle_expires_at, s.expires_at) THEN
    RETURN;
  END IF;
  s.idle_expires_at := least(moment + idle, s.expires_at);
  s.clients := CASE WHEN client_id = ANY (s.clients) THEN s.clients ELSE s.clients || client_id END;
  s.device := userdir._device(request, s.device);
  UPDATE userdir.sessions u
     SET updated_at = moment, last_interacted_at = moment, idle_expires_at = s.idle_expires_at, clients = s.clients, device = s.device
   WHERE u.user_id = s.user_id AND u.session_id = s.session_id;
  session_id := s.session_id;
  authenticated_at := s.authenticated_at;
END
$$;
COMMENT ON FUNCTION userdir._continue_session(text, text, text, jsonb) IS 'Uses a session of a user again; nulls when there is none that holds.';

CREATE FUNCTION userdir._most_of_a_user() RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT 200 $$;
COMMENT ON FUNCTION userdir._most_of_a_user() IS
'Returns how many sessions a user has at most, and how many refresh tokens and opaque access tokens for each client: as many refresh tokens as in the model.';

CREATE FUNCTION userdir._begin_session(of_user text, client_id text, request jsonb, methods jsonb, OUT session_id text, OUT authenticated_at timestamptz)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  new_id text := userdir._new_id('ses_') || userdir._new_id('');
  device jsonb := userdir._device(request, NULL);
BEGIN
  DELETE FROM userdir.sessions s WHERE s.user_id = of_user AND least(s.idle_expires_at, s.expires_at) <= moment;
  DELETE FROM userdir.sessions s
   WHERE s.user_id = of_user AND s.session_id IN (SELECT o.session_id FROM userdir.sessions o WHERE o.user_id = of_user
                                                   ORDER BY o.last_interacted_at DESC, o.session_id OFFSET userdir._most_of_a_user() - 1);
  INSERT INTO userdir.sessions (user_id, session_id, clients, device, authentication, created_at, updated_at, authenticated_at, last_interacted_at,
                                idle_expires_at, expires_at)
    SELECT of_user, new_id, ARRAY[client_id], device, coalesce(methods, '[]'), moment, moment, moment, moment,
           moment + d.idle_session_lifetime * interval '1 hour', moment + d.session_lifetime * interval '1 hour'
      FROM userdir.directory d;
  session_id := new_id;
  authenticated_at := moment;
END
$$;
COMMENT ON FUNCTION userdir._begin_session(text, text, jsonb, jsonb) IS
'Begins a session of a user, and takes away those that have expired. Of 200 the one that was not used for longest is over, as if its time were. The caller has locked the user''s row. methods: how the user authenticated, in the model''s shape.';

CREATE FUNCTION userdir._session_holds(of_user text, wanted text) RETURNS boolean
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM userdir.sessions s
                  WHERE s.user_id = of_user AND s.session_id = wanted AND least(s.idle_expires_at, s.expires_at) > clock_timestamp());
END
$$;
COMMENT ON FUNCTION userdir._session_holds(text, text) IS 'Tells whether a user has a session that is not over.';

CREATE FUNCTION userdir._session_json(s record) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN jsonb_build_object(
    'id', s.session_id, 'user_id', s.user_id, 'created_at', userdir._iso_timestamp(s.created_at), 'updated_at', userdir._iso_timestamp(s.updated_at),
    'authenticated_at', userdir._iso_timestamp(s.authenticated_at), 'idle_expires_at', userdir._iso_timestamp(s.idle_expires_at),
    'expires_at', userdir._iso_timestamp(s.expires_at), 'last_interacted_at', userdir._iso_timestamp(s.last_interacted_at), 'device', s.device,
    'clients', (SELECT jsonb_agg(jsonb_build_object('client_id', c)) FROM unnest(s.clients) c),
    'authentication', jsonb_build_object('methods', s.authentication));
END
$$;
COMMENT ON FUNCTION userdir._session_json(record) IS 'Returns a row of userdir.sessions in the model''s shape.';

CREATE FUNCTION userdir._get_session(session_id text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT userdir._session_json(s) FROM userdir.sessions s
   WHERE s.session_id = _get_session.session_id AND least(s.idle_expires_at, s.expires_at) > clock_timestamp()
$$;
COMMENT ON FUNCTION userdir._get_session(text) IS 'Body of get_session().';

CREATE FUNCTION userdir.get_session(session_id text) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.get_session(text) IS 'Returns a session that holds, in the model''s shape; null when there is none.';

CREATE FUNCTION userdir._list_sessions(user_id text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(userdir._session_json(s) ORDER BY s.created_at DESC, s.session_id), '[]') FROM userdir.sessions s
   WHERE s.user_id = _list_sessions.user_id AND least(s.idle_expires_at, s.expires_at) > clock_timestamp()
$$;
COMMENT ON FUNCTION userdir._list_sessions(text) IS 'Body of list_sessions().';

CREATE FUNCTION userdir.list_sessions(user_id text) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.list_sessions(text) IS 'Returns the sessions of a user that hold as a JSON array, the latest first.';

CREATE FUNCTION userdir._end_session(of_user text, of_session text, preserve_refresh_tokens boolean) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM userdir.users u WHERE u.user_id = of_user FOR NO KEY UPDATE;
  IF NOT coalesce(preserve_refresh_tokens, false) THEN
    DELETE FROM userdir.refresh_tokens t WHERE t.user_id = of_user AND t.session_id = of_session;
    DELETE FROM userdir.access_tokens t WHERE t.user_id = of_user AND t.session_id = of_session;
  END IF;
  DELETE FROM userdir.sessions s WHERE s.user_id = of_user AND s.session_id = of_session;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION userdir._end_session(text, text, boolean) IS 'Ends a session, with the tokens that were given out in it unless they are to be preserved; false when there was none.';

CREATE FUNCTION userdir._revoke_session(session_id text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  of_user text;
BEGIN
  SELECT s.user_id INTO of_user FROM userdir.sessions s WHERE s.session_id = _revoke_session.session_id;
  RETURN FOUND AND userdir._end_session(of_user, session_id, false);
END
$$;
COMMENT ON FUNCTION userdir._revoke_session(text) IS 'Body of revoke_session().';

CREATE FUNCTION userdir.revoke_session(session_id text) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.revoke_session(text) IS
'Ends a session: a logout. Its refresh tokens and opaque access tokens go with it; a signed access token is good until it expires.

session_id: the sid of its ID tokens.
Result: true, or false when there was no such session.';

CREATE FUNCTION userdir._revoke_user_access(user_id text, session_id text, preserve_refresh_tokens boolean) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM userdir.users u WHERE u.user_id = _revoke_user_access.user_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM userdir._raise_unknown_user(user_id);
  ELSIF session_id IS NOT NULL THEN
    PERFORM userdir._end_session(user_id, session_id, preserve_refresh_tokens);
  ELSIF coalesce(preserve_refresh_tokens, false) THEN
    DELETE FROM userdir.sessions s WHERE s.user_id = _revoke_user_access.user_id;
  ELSE
    PERFORM userdir._end_user_access(user_id);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._revoke_user_access(text, text, boolean) IS 'Body of revoke_user_access().';

CREATE FUNCTION userdir.revoke_user_access(user_id text, session_id text DEFAULT NULL, preserve_refresh_tokens boolean DEFAULT false) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.revoke_user_access(text, text, boolean) IS
'Ends what a user has of access: all sessions with their refresh tokens and opaque access tokens. A signed access token is good until it expires.

session_id: one session alone. preserve_refresh_tokens: whether the tokens stay.
Errors: UD007 when there is no such user.';

CREATE FUNCTION userdir._purge_tokens(max_rows integer) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  purged bigint := 0;
  deleted bigint;
BEGIN
  IF max_rows < 1 THEN
    RAISE EXCEPTION 'max_rows must be 1 or more' USING ERRCODE = 'invalid_parameter_value', HINT = 'Null deletes all.';
  END IF;
  -- What somebody is using is left for the next time: whoever waits for a token while holding another may be waited for.
  DELETE FROM userdir.refresh_tokens t
   WHERE (t.user_id, t.id) IN (SELECT o.user_id, o.id FROM userdir.refresh_tokens o WHERE o.expires_at <= moment OR o.idle_expires_at <= moment
                                LIMIT max_rows FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS purged = ROW_COUNT;
  DELETE FROM userdir.access_tokens t
   WHERE (t.user_id, t.id) IN (SELECT o.user_id, o.id FROM userdir.access_tokens o WHERE o.expires_at <= moment
                                LIMIT max_rows - purged FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS deleted = ROW_COUNT;
  purged := purged + deleted;
  DELETE FROM userdir.sessions t
   WHERE (t.user_id, t.session_id) IN (SELECT o.user_id, o.session_id FROM userdir.sessions o WHERE o.idle_expires_at <= moment OR o.expires_at <= moment
                                        LIMIT max_rows - purged FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN purged + deleted;
END
$$;
COMMENT ON FUNCTION userdir._purge_tokens(integer) IS 'Body of purge_tokens().';

CREATE FUNCTION userdir.purge_tokens(max_rows integer DEFAULT NULL) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.purge_tokens(integer) IS
'Deletes sessions, refresh tokens and opaque access tokens that have expired. Logins take away those of their own user; this is for users who do not come back, once a day for instance. It waits for nobody: what somebody else is using stays.

max_rows: how many to delete at most, null for all.
Result: how many were deleted.
Errors: 22023 for a max_rows below 1.';
