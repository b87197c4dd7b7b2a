-- Logging in with a password.
--
-- Functions in which hashes are passed on force generic plans: a plan that is logged shows parameters then, no values.

CREATE FUNCTION userdir._login_request(client_id text, audience text, scope text, context jsonb) RETURNS jsonb
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__login_request';
COMMENT ON FUNCTION userdir._login_request(text, text, text, jsonb) IS
'Returns what a login knows of its request: the context with the other arguments in it.

Errors: 22023 when the context is no object, is too large, or holds an ip that is none or a name in the wrong case.';

CREATE FUNCTION userdir._connection_of(of_user text, of_provider text, of_id text,
    OUT id text, OUT name text, OUT strategy text, OUT kind text, OUT provider text, OUT options jsonb)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  SELECT f.id, f.name, f.strategy, f.kind, f.provider, f.options
    INTO _connection_of.id, _connection_of.name, _connection_of.strategy, _connection_of.kind, _connection_of.provider, _connection_of.options
    FROM userdir.identities i CROSS JOIN LATERAL userdir._find_connection(i.connection) f
   WHERE i.user_id = of_user AND i.provider = of_provider AND i.provider_user_id = of_id;
END
$$;
COMMENT ON FUNCTION userdir._connection_of(text, text, text) IS 'Returns the connection of an identity as _find_connection() does; nulls when there is no such identity.';

CREATE FUNCTION userdir._find_password_connection(connection text,
    OUT id text, OUT name text, OUT strategy text, OUT kind text, OUT provider text, OUT options jsonb)
  LANGUAGE c STABLE PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir__find_password_connection';
COMMENT ON FUNCTION userdir._find_password_connection(text) IS
'Returns a database connection by its name or id.

Errors: UD008 when there is none; UD006 when it is of another kind.';

CREATE FUNCTION userdir._is_enabled_for(options jsonb, client_id text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE WHEN pg_catalog.jsonb_typeof(options OPERATOR(pg_catalog.->) 'enabled_clients') OPERATOR(pg_catalog.=) 'array'
              THEN coalesce((options OPERATOR(pg_catalog.->) 'enabled_clients') OPERATOR(pg_catalog.?) client_id, false) ELSE true END
$$;
COMMENT ON FUNCTION userdir._is_enabled_for(jsonb, text) IS
'Tells whether a connection is enabled for a client: its option enabled_clients, where there is one, lists those that it is enabled for.';

CREATE FUNCTION userdir._find_login(login_name text, of_connection text,
    OUT user_id text, OUT provider text, OUT provider_user_id text, OUT blocked boolean, OUT hash text)
  LANGUAGE c STABLE PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir__find_login';
COMMENT ON FUNCTION userdir._find_login(text, text) IS
'Finds who logs in by an e-mail address, a phone number or a user name, in this order.

Result: the user, the identity, whether an administrator has blocked the user, and the hash of the password; nulls when there is nobody, or no password.';

CREATE FUNCTION userdir._check_password(password userdir.secret, hash text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF hash IS NULL THEN
    RETURN coalesce(userdir._verify_nothing(password), false);
  ELSIF userdir._verify_password(password, hash) THEN
    RETURN true;
  END IF;
  -- A wrong password takes as long as for somebody who is not there: other hashes may be quicker.
  RETURN NOT userdir._is_costly_hash(hash) AND userdir._verify_nothing(password);
END
$$;
COMMENT ON FUNCTION userdir._check_password(userdir.secret, text) IS
'Returns whether a password is the one behind a hash, which is null for users who do not exist or have no password; the work is that of a hash at today''s cost, or more.

Errors: as in _verify_password().';

CREATE FUNCTION userdir._refuse_wrong_password(c record, known record, name text, request jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  limits record := userdir._attempt_failed(c.name, name, (request ->> 'ip')::inet, guarded => userdir._guards_identifiers(c.options));
BEGIN
  PERFORM userdir._write_log(CASE WHEN known.user_id IS NULL THEN 'fu' ELSE 'fp' END, 'Wrong email or password.', c, known.user_id, name, request);
  IF limits.limit_wc THEN
    PERFORM userdir._write_log('limit_wc', 'Too many failed logins of one user.', c, known.user_id, name, request);
  END IF;
  IF limits.limit_mu THEN
    PERFORM userdir._write_log('limit_mu', 'Too many failed logins from one address.', c, NULL, NULL, request);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._refuse_wrong_password(record, record, text, jsonb) IS
'Counts and logs a failed login. c: a row of _find_connection(); known: one of _find_login(); request: of _login_request().';

CREATE FUNCTION userdir._refuse_attempt(c record, attempt record, of_user text, name text, request jsonb, OUT outcome text, OUT description text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  outcome := 'too_many_attempts';
  description := CASE attempt.reason WHEN 'limit_wc' THEN 'Your account has been blocked after multiple consecutive login attempts.'
                                     ELSE 'Too many login attempts came from this address.' END;
  PERFORM userdir._write_log(attempt.reason, description, c, of_user, name, request, jsonb_build_object('until', userdir._iso_timestamp(attempt.until)));
END
$$;
COMMENT ON FUNCTION userdir._refuse_attempt(record, record, text, text, jsonb) IS
'Logs a login that is refused because of those before it, and returns its outcome. attempt: a row of _attempt_allowed().';

CREATE FUNCTION userdir._authenticate(c record, name text, password userdir.secret, request jsonb,
    OUT outcome text, OUT description text, OUT user_id text, OUT provider text, OUT provider_user_id text, OUT hash text, OUT last_reset timestamptz, OUT notices text[])
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ip inet := (request ->> 'ip')::inet;
  guarded boolean := userdir._guards_identifiers(c.options);
  known record;
  attempt record;
  custom record;
  breach record;
BEGIN
  IF NOT userdir._is_enabled_for(c.options, request ->> 'client_id') THEN
    outcome := 'invalid_request';
    description := 'The connection is not enabled for this client.';
    PERFORM userdir._write_log('f', description, c, NULL, name, request);
    RETURN;
  END IF;

  known := userdir._find_login(name, c.name);
  attempt := userdir._attempt_allowed(c.name, name, ip, guarded => guarded);
  IF attempt.allowed AND userdir._asks_custom_database(c.options, known.user_id) THEN
    custom := userdir._custom_login(c, known, name, password, request);
    outcome := custom.outcome;
    description := custom.description;
    IF outcome IS NOT NULL THEN
      RETURN;
    END IF;
    known := custom;
    last_reset := custom.last_reset;
  ELSIF attempt.allowed AND NOT userdir._check_password(password, known.hash) THEN
    outcome := 'invalid_user_password';
    description := 'Wrong email or password.';
    PERFORM userdir._refuse_wrong_password(c, known, name, request);
    RETURN;
  END IF;
  -- Others may have guessed while this one was being verified.
  IF attempt.allowed THEN
    attempt := userdir._attempt_succeeded(c.name, name, ip, guarded => guarded);
  END IF;
  IF NOT attempt.allowed THEN
    SELECT r.* INTO outcome, description FROM userdir._refuse_attempt(c, attempt, known.user_id, name, request) r;
    RETURN;
  END IF;

  -- From here on the caller has proved to be the user, and may be told more.
  user_id := known.user_id;
  provider := known.provider;
  provider_user_id := known.provider_user_id;
  hash := known.hash;
  IF known.blocked THEN
    outcome := 'unauthorized';
    description := 'user is blocked';
    PERFORM userdir._write_log('f', description, c, user_id, name, request);
    RETURN;
  END IF;
  IF attempt.detects_breaches THEN
    breach := userdir._meet_breached_password('login', password);
    IF breach.breached THEN
      PERFORM userdir._write_log('pwd_leak', 'The password is known from a data breach.', c, user_id, name, request,
                                 jsonb_build_object('blocked', breach.block, 'notify_user', breach.notify_user, 'notify_admin', breach.notify_admin));
      notices := CASE WHEN breach.notify_user THEN '{password_leaked}'::text[] END;
    END IF;
    IF breach.block THEN
      outcome := 'password_leaked';
      description := 'This login attempt has been blocked because the password is known from a data breach.';
      RETURN;
    END IF;
  END IF;
  outcome := 'success';
END
$$;
COMMENT ON FUNCTION userdir._authenticate(record, text, userdir.secret, jsonb) IS
'Finds out whether a password is that of the user behind a name, and whether that user may log in; counts and logs what does not end well.

c: a row of _find_password_connection(). request: what _login_request() returned.
Result: the outcome, success or the model''s code; a description; the user, and the identity with its hash, or last_reset as in _custom_login(), when the password was right; what the user is to be told beside.
Errors: UD201 when too many passwords are being hashed; 53200 without memory.';

CREATE FUNCTION userdir._renew_hash(known record, password userdir.secret) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fresh text := userdir._hash_password(password);
BEGIN
  PERFORM FROM userdir.users u WHERE u.user_id = known.user_id FOR KEY SHARE;
  -- Not when somebody has changed the password meanwhile.
  UPDATE userdir.credentials k SET hash = fresh
   WHERE k.user_id = known.user_id AND k.provider = known.provider AND k.provider_user_id = known.provider_user_id AND k.hash = known.hash;
END
$$;
COMMENT ON FUNCTION userdir._renew_hash(record, userdir.secret) IS
'Stores the hash of a password that was just verified anew, at today''s cost. known: a row of _authenticate().';

CREATE FUNCTION userdir._count_login(of_user text, ip inet) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir__count_login';
COMMENT ON FUNCTION userdir._count_login(text, inet) IS
'Brings the login statistics of a user up to date; returns false when the user was deleted meanwhile.';

CREATE FUNCTION userdir._lock_for_tokens(of_user text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  is_blocked boolean;
BEGIN
  SELECT coalesce(u.blocked, false) INTO is_blocked FROM userdir.users u WHERE u.user_id = of_user FOR NO KEY UPDATE;
  RETURN is_blocked;
END
$$;
COMMENT ON FUNCTION userdir._lock_for_tokens(text) IS
'Locks the row of a user who is to get tokens, and returns whether an administrator has blocked the user; null when the user was deleted. Whoever changes a password or blocks a user ends what the user has of access with that row locked; tokens that were given out without the lock would survive it.';

CREATE FUNCTION userdir._still_logs_in(answer record, password userdir.secret, OUT holds boolean, OUT blocked boolean)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  present text;
BEGIN
  blocked := userdir._lock_for_tokens(answer.user_id);
  SELECT k.hash INTO present FROM userdir.credentials k
   WHERE k.user_id = answer.user_id AND k.provider = answer.provider AND k.provider_user_id = answer.provider_user_id;
  -- Another login may have renewed the hash of the same password. A custom database keeps its hashes for itself,
  -- but it is told here when a password is changed there.
  holds := coalesce(answer.hash IS NULL AND blocked IS NOT NULL AND userdir._last_reset(answer.user_id) IS NOT DISTINCT FROM answer.last_reset OR present = answer.hash OR userdir._verify_password(password, present), false);
END
$$;
COMMENT ON FUNCTION userdir._still_logs_in(record, userdir.secret) IS
'Locks the row of a user whose password was verified, and tells whether it is the user''s still, and whether the user was blocked meanwhile. answer: a row of _authenticate().';

CREATE FUNCTION userdir._has_grant(client record, grants text[]) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN client.grant_types && grants; END $$;
COMMENT ON FUNCTION userdir._has_grant(record, text[]) IS
'Returns whether a client may have tokens by one of some grant types. client: a row of _token_client().';

CREATE FUNCTION userdir._login_method(name text) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN jsonb_build_array(jsonb_build_object('name', name, 'timestamp', userdir._iso_timestamp(clock_timestamp()))); END $$;
COMMENT ON FUNCTION userdir._login_method(text) IS 'Returns how a user has authenticated just now, pwd or federated, in the model''s shape.';

CREATE FUNCTION userdir._finish_login(c record, of_user text, name text, request jsonb, about text[], client record, api record, grant_type text, methods jsonb, resumed boolean,
    OUT outcome text, OUT description text, OUT user_id text, OUT notices text[], OUT id_token text, OUT access_token text, OUT refresh_token text,
    OUT token_type text, OUT expires_in integer, OUT scope text, OUT session_id text, OUT redirect_url text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ruled record;
  id_claims jsonb;
  access_claims jsonb;
  scopes text[];
  made record;
BEGIN
  outcome := 'success';
  user_id := of_user;
  IF userdir._has_rules('post_login') THEN
    ruled := userdir._post_login(of_user, c, request - 'session_id',
               CASE WHEN resumed THEN 'redirect-callback' ELSE coalesce(request ->> 'protocol', CASE grant_type WHEN 'password' THEN 'oauth2-password' ELSE 'oidc-basic-profile' END) END,
               methods, NULL, NULL, CASE WHEN NOT (client IS NULL) THEN userdir._granted_scopes(request ->> 'scope', client, api) END,
               name, 'f', NOT resumed AND coalesce(request ->> 'prompt' <> 'none', true));
    IF ruled.outcome <> 'success' THEN
      outcome := ruled.outcome;
      description := ruled.description;
      user_id := NULL;
      IF outcome = 'redirect' THEN
        redirect_url := userdir._interrupt_login(of_user, ruled.redirect, jsonb_build_object('kind', 'login', 'connection', c.id, 'name', name, 'request', request,
                          'notices', about, 'grant_type', grant_type, 'methods', methods));
      END IF;
      RETURN;
    END IF;
    user_id := ruled.user_id;
    id_claims := ruled.id_token;
    access_claims := ruled.access_token;
    scopes := ruled.scopes;
  END IF;
  notices := about;
  PERFORM userdir._write_log('s', NULL, c, user_id, name, request);
  IF client IS NULL THEN
    RETURN;
  END IF;

  made := userdir._issue(user_id, client, api, grant_type, methods, request - 'session_id', id_claims, access_claims, scopes);
  id_token := made.id_token;
  access_token := made.access_token;
  refresh_token := made.refresh_token;
  token_type := 'Bearer';
  expires_in := made.expires_in;
  scope := made.scope;
  session_id := made.session_id;
  PERFORM userdir._write_log(CASE grant_type WHEN 'password' THEN 'sepft' ELSE 'seacft' END, NULL, c, user_id, name, request);
END
$$;
COMMENT ON FUNCTION userdir._finish_login(record, text, text, jsonb, text[], record, record, text, jsonb, boolean) IS
'The last step of every login, by password or through a provider, once it is known who logs in and that the user may: runs the rules, logs it, and gives out the tokens. For a client, the caller has locked the user''s row.

c: a row of _find_connection(). name: what is logged as the user''s name. request: what _login_request() returned. about: the notices so far. client, api: rows of _token_client() and _token_api(), or null when there are to be no tokens. grant_type: password, or null. methods: how the user authenticated, of _login_method(). resumed: whether the login goes on after a redirect.
Result: the row that the login returns.';

CREATE FUNCTION userdir._login(connection text, identifier text, password userdir.secret, client_id text, audience text, wanted_scope text, context jsonb,
    OUT outcome text, OUT description text, OUT user_id text, OUT notices text[], OUT id_token text, OUT access_token text, OUT refresh_token text,
    OUT token_type text, OUT expires_in integer, OUT scope text, OUT session_id text, OUT redirect_url text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  c record := userdir._find_password_connection(connection);
  request jsonb := userdir._login_request(client_id, audience, wanted_scope, context);
  name text := userdir._login_name(identifier);
  client record;
  api record;
  answer record;
  present record;
BEGIN
  IF client_id IS NOT NULL THEN
    client := userdir._token_client(client_id);
    api := userdir._token_api(audience);
    PERFORM userdir._check_token_context(request, coalesce(api.scopes, '{}')), userdir._issuer();
    IF NOT userdir._has_grant(client, '{password,http://auth0.com/oauth/grant-type/password-realm}') THEN
      outcome := 'unauthorized_client';
      description := 'Grant type ''password'' not allowed for the client.';
      PERFORM userdir._write_log('fepft', description, c, NULL, name, request);
      RETURN;
    END IF;
  END IF;

  IF userdir._has_rules('pre_login') THEN
    SELECT r.outcome, r.description INTO outcome, description FROM userdir._pre_login(c, name, request) r;
    IF outcome IS NOT NULL THEN
      RETURN;
    END IF;
  END IF;
  answer := userdir._authenticate(c, name, password, request);
  outcome := answer.outcome;
  description := answer.description;
  notices := answer.notices;
  IF outcome = 'success' AND client_id IS NOT NULL THEN
    present := userdir._still_logs_in(answer, password);
    IF NOT present.holds THEN
      outcome := 'invalid_user_password';
      description := 'Wrong email or password.';
      notices := NULL;
      PERFORM userdir._write_log('fp', description, c, answer.user_id, name, request);
    ELSIF present.blocked THEN
      outcome := 'unauthorized';
      description := 'user is blocked';
      PERFORM userdir._write_log('f', description, c, answer.user_id, name, request);
    END IF;
  END IF;
  -- Whoever sets a password locks the same rows in the same order.
  IF outcome = 'success' AND userdir._password_needs_rehash(answer.hash) THEN
    PERFORM userdir._renew_hash(answer, password);
  END IF;
  IF outcome IN ('success', 'unauthorized') AND answer.user_id IS NOT NULL AND NOT userdir._count_login(answer.user_id, (request ->> 'ip')::inet) THEN
    outcome := 'invalid_user_password';
    description := 'Wrong email or password.';
    notices := NULL;
    PERFORM userdir._write_log('fu', description, c, NULL, name, request);
  ELSIF outcome = 'success' THEN
    SELECT f.* INTO outcome, description, user_id, notices, id_token, access_token, refresh_token, token_type, expires_in, scope, session_id, redirect_url
      FROM userdir._finish_login(c, answer.user_id, name, request, notices, client, api, 'password', userdir._login_method('pwd'), false) f;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._login(text, text, userdir.secret, text, text, text, jsonb) IS 'Body of login().';

CREATE FUNCTION userdir.login(connection text, identifier text, password userdir.secret, client_id text DEFAULT NULL, audience text DEFAULT NULL,
    scope text DEFAULT NULL, context jsonb DEFAULT '{}', OUT outcome text, OUT description text, OUT user_id text, OUT notices text[],
    OUT id_token text, OUT access_token text, OUT refresh_token text, OUT token_type text, OUT expires_in integer, OUT scope text, OUT session_id text, OUT redirect_url text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.login(text, text, userdir.secret, text, text, text, jsonb) IS
'Logs a user of a database connection in with a password. What comes of it is a value and not an error, so that it can be counted and logged: commit whatever the outcome is.

connection: its name or id. identifier: an e-mail address, user name or phone number; case does not matter. password: the password. client_id: the application that is to get tokens, see create_client(); null: none are given out, and no session begins. A connection with the option enabled_clients lets no others in. audience: the API that the access token is for; null: userinfo() alone. scope: what is asked for, with spaces between; null: openid profile email. Without a client audience and scope are logged alone. context: an object of ip, the address of the user''s device, by which attempts are counted, user_agent, hostname, nonce, amr and acr for the ID token, and whatever else is known.
Result: one row. outcome: success; invalid_user_password, for an unknown user as for a wrong password; too_many_attempts, for a while no password is looked at; unauthorized, an administrator has blocked the user, or a rule has refused the login with the description; rule_failed, a rule has failed, and userdir.logs tells how; redirect, a rule sends the user to redirect_url first, and continue_login() goes on; interaction_required, it wants to, but the context has prompt none; password_leaked, the password is known from a breach and has to be changed; invalid_request, the connection is not enabled for the client; unauthorized_client, the client has not the grant type password. description: the same in words, null for success. user_id: the user, the primary one of a linked identity, null unless success. notices: what to tell the user beside: password_leaked. Then, for a client, the tokens as in issue_tokens(). redirect_url: where to send the user, with the state in it; null unless redirect.
A hash of another kind or cost than today''s is replaced. Statistics and userdir.logs are written.
Errors: UD008 for an unknown connection; UD006 for one without passwords; UD009 for an unknown client; UD010 for an unknown API; UD04B for claims of a rule that sign_jwt() refuses; 55000 when the directory has no issuer; UD052 without a signing key; 22023 for a bad context or a malformed scope; UD201 when too many passwords are being hashed.';

CREATE FUNCTION userdir._authenticate_password(connection text, identifier text, password userdir.secret, client_id text, context jsonb,
    OUT outcome text, OUT description text, OUT user_id text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  c record := userdir._find_password_connection(connection);
  answer record := userdir._authenticate(c, userdir._login_name(identifier), password, userdir._login_request(client_id, NULL, NULL, context));
BEGIN
  outcome := answer.outcome;
  description := answer.description;
  user_id := CASE WHEN outcome = 'success' THEN answer.user_id END;
END
$$;
COMMENT ON FUNCTION userdir._authenticate_password(text, text, userdir.secret, text, jsonb) IS 'Body of authenticate_password().';

CREATE FUNCTION userdir.authenticate_password(connection text, identifier text, password userdir.secret, client_id text DEFAULT NULL, context jsonb DEFAULT '{}',
    OUT outcome text, OUT description text, OUT user_id text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.authenticate_password(text, text, userdir.secret, text, jsonb) IS
'Checks a password as login() does, without a login: before a dangerous step, for instance. Failed attempts are counted and logged; a right password changes no statistics and no hash, and leaves no event.

Arguments, outcomes and errors are those of login().';
