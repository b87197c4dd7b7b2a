-- Logins that a rule interrupts by a redirect, and their continuation.

CREATE FUNCTION userdir._interrupt_login(of_user text, url text, flow jsonb) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  token text := userdir._new_token(of_user);
  -- Not in the statement: the plan of a statement may be logged, with the values in it.
  hash bytea := sha256(convert_to(token, 'UTF8'));
BEGIN
  DELETE FROM userdir.login_continuations l
   WHERE l.user_id = of_user
     AND (l.expires_at <= moment
          OR l.token_hash IN (SELECT o.token_hash FROM userdir.login_continuations o WHERE o.user_id = of_user ORDER BY o.created_at DESC OFFSET 19));
  INSERT INTO userdir.login_continuations (user_id, token_hash, flow, created_at, expires_at)
    SELECT of_user, hash, jsonb_strip_nulls(_interrupt_login.flow), moment,
           moment + least(interval '3 days', least(d.session_lifetime, d.idle_session_lifetime) * interval '1 hour')
      FROM userdir.directory d;
  -- Before the fragment, which a browser keeps to itself.
  RETURN regexp_replace(split_part(url, '#', 1), '[?&]$', '') || CASE WHEN strpos(split_part(url, '#', 1), '?') BETWEEN 1 AND length(split_part(url, '#', 1)) - 1 THEN '&' ELSE '?' END
         || 'state=' || token || substr(url, length(split_part(url, '#', 1)) + 1);
END
$$;
COMMENT ON FUNCTION userdir._interrupt_login(text, text, jsonb) IS
'Keeps a login for continue_login(), for three days or as long as a session lasts; of 20 of a user the oldest goes. flow: what _continue_login() needs. Result: where to redirect to, with the state in it.';

CREATE FUNCTION userdir._continue_login(state userdir.secret, body jsonb, context jsonb,
    OUT outcome text, OUT description text, OUT user_id text, OUT notices text[], OUT id_token text, OUT access_token text, OUT refresh_token text,
    OUT token_type text, OUT expires_in integer, OUT scope text, OUT session_id text, OUT redirect_url text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  given jsonb := userdir._login_request(NULL, NULL, NULL, context) - '{client_id,audience,scope,session_id,protocol,prompt,nonce,amr,acr,authentication}'::text[];
  t record := userdir._read_ticket(state);
  of_user text := userdir._token_user(t.user_part);
  flow jsonb;
  request jsonb;
  c record;
  client record;
  api record;
  is_blocked boolean;
BEGIN
  is_blocked := userdir._lock_for_tokens(of_user);
  DELETE FROM userdir.login_continuations l WHERE l.user_id = of_user AND l.token_hash = t.token_hash AND l.expires_at > clock_timestamp()
    RETURNING l.flow INTO flow;
  IF NOT FOUND THEN
    outcome := 'invalid_request';
    description := 'The state is unknown, or was used, or is too old.';
    PERFORM userdir._write_log('f', description, NULL::record, NULL, NULL, given);
    RETURN;
  END IF;
  request := (flow -> 'request') || given;
  request := userdir._login_request(request ->> 'client_id', request ->> 'audience', request ->> 'scope', request || jsonb_build_object('body', coalesce(body, '{}')));
  c := CASE WHEN flow ? 'connection' THEN userdir._find_connection(flow ->> 'connection') ELSE userdir._primary_connection(of_user) END;
  IF is_blocked THEN
    outcome := 'unauthorized';
    description := 'user is blocked';
    PERFORM userdir._write_log('f', description, c, of_user, flow ->> 'name', request);
    RETURN;
  END IF;
  IF request ? 'client_id' THEN
    client := userdir._token_client(request ->> 'client_id');
    api := userdir._token_api(request ->> 'audience');
  END IF;
  IF flow ->> 'kind' = 'tokens' THEN
    SELECT f.* INTO outcome, description, user_id, id_token, access_token, refresh_token, token_type, expires_in, scope, session_id, redirect_url
      FROM userdir._issue_to_user(of_user, client, api, request, flow -> 'methods', flow -> 'id_token_claims', flow -> 'access_token_claims', true) f;
  ELSE
    SELECT f.* INTO outcome, description, user_id, notices, id_token, access_token, refresh_token, token_type, expires_in, scope, session_id, redirect_url
      FROM userdir._finish_login(c, of_user, flow ->> 'name', request, ARRAY(SELECT jsonb_array_elements_text(flow -> 'notices')), client, api,
                                 flow ->> 'grant_type', flow -> 'methods', true) f;
    notices := nullif(notices, '{}');
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._continue_login(userdir.secret, jsonb, jsonb) IS 'Body of continue_login().';

CREATE FUNCTION userdir.continue_login(state userdir.secret, body jsonb DEFAULT '{}', context jsonb DEFAULT '{}',
    OUT outcome text, OUT description text, OUT user_id text, OUT notices text[], OUT id_token text, OUT access_token text, OUT refresh_token text,
    OUT token_type text, OUT expires_in integer, OUT scope text, OUT session_id text, OUT redirect_url text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.continue_login(userdir.secret, jsonb, jsonb) IS
'Goes on with a login, or with issue_tokens(), that a rule has interrupted by a redirect: the rules run once more, with protocol redirect-callback in their context, and may not redirect again.

state: what the redirect_url had as its parameter; good once, for three days or as long as a session lasts. body: what the page has sent back, for the rules, who find it in the context under request.body and must not believe it without a proof. context: as in login(), of this request.
Result: the row of login(). outcome: invalid_request when the state is not good; else as in login().
Errors: 22023 for a bad context; those of login().';
