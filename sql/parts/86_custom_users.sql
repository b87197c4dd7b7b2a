-- Custom databases: what their users become here, when they log in and when they sign up.
--
-- Functions in which hashes are passed on are called by ones that force generic plans.

CREATE FUNCTION userdir._custom_profile(c record, answer jsonb) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fresh jsonb := userdir._without_provider_tokens(userdir.normalize_profile(c.strategy, answer, c.name, '{}', c.options));
BEGIN
  PERFORM userdir._check_user_id_part(fresh #>> '{identities,0,user_id}');
  -- Where users have no user names, one is kept, but nobody is found by it.
  IF fresh ? 'username' AND NOT userdir._requires_username(c.options) THEN
    fresh := jsonb_set(fresh, '{attributes}', coalesce(fresh -> 'attributes', '{}') || jsonb_build_object('username', fresh -> 'username')) - 'username';
  END IF;
  fresh := userdir._check_identifiers(c.kind, c.options, c.strategy, fresh);
  IF NOT fresh ?| '{email,username,phone_number}' THEN
    RAISE EXCEPTION 'the profile has no email, username or phone_number to find the user by' USING ERRCODE = 'UD003';
  END IF;
  RETURN fresh;
END
$$;
COMMENT ON FUNCTION userdir._custom_profile(record, jsonb) IS
'Returns the profile of a user whom an action of a custom database speaks of, as _insert_user() takes it.

c: a row of _find_connection(). answer: an object.
Errors: UD003, UD004, UD006, 22023 and 54000 for what is no profile of a user of this connection.';

CREATE FUNCTION userdir._read_custom(c record, asked record, OUT fresh jsonb, OUT action text, OUT function text, OUT code text, OUT message text, OUT detail text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  action := asked.action;
  function := asked.function;
  code := asked.code;
  message := asked.message;
  detail := asked.detail;
  IF asked.answer IS NOT NULL THEN
    BEGIN
      fresh := userdir._custom_profile(c, asked.answer);
    EXCEPTION WHEN SQLSTATE 'UD003' OR SQLSTATE 'UD004' OR SQLSTATE 'UD005' OR SQLSTATE 'UD006' OR data_exception OR program_limit_exceeded THEN
      code := sqlstate;
      message := sqlerrm;
    END;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._read_custom(record, record) IS
'Reads the answer of an action that returns a profile. asked: a row of _ask_custom().

Result: the profile, as _custom_profile() returns it, null when there is no such user; or SQLSTATE and message of what was raised, or is wrong with it.';

CREATE FUNCTION userdir._find_identity(of_user_id text, OUT user_id text, OUT provider text, OUT provider_user_id text, OUT blocked boolean, OUT hash text, OUT connection text)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  SELECT i.user_id, i.provider, i.provider_user_id, coalesce(u.blocked, false), k.hash, i.connection
    INTO _find_identity.user_id, _find_identity.provider, _find_identity.provider_user_id, _find_identity.blocked, _find_identity.hash, _find_identity.connection
    FROM userdir.identifiers n
    JOIN userdir.users u ON u.user_id = n.user_id
    JOIN userdir.identities i ON i.user_id = n.user_id AND i.provider = n.provider AND i.provider_user_id = n.provider_user_id
    LEFT JOIN userdir.credentials k ON k.user_id = n.user_id AND k.provider = n.provider AND k.provider_user_id = n.provider_user_id
   WHERE n.value = of_user_id AND n.kind = 'identity' AND n.connection = '';
END
$$;
COMMENT ON FUNCTION userdir._find_identity(text) IS
'Finds an identity by provider|id, as _find_login() finds one by a name, and its connection.';

CREATE FUNCTION userdir._check_same_connection(c record, found record) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF found.connection <> c.name THEN
    RAISE EXCEPTION 'user_id "%|%" belongs to connection "%"', found.provider, found.provider_user_id, found.connection
      USING ERRCODE = 'unique_violation', DETAIL = 'Two connections must not give the same id to their users.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_same_connection(record, record) IS 'Raises 23505 when an identity, a row of _find_identity(), is of another connection.';

CREATE FUNCTION userdir._import_user(c record, fresh jsonb, password userdir.secret,
    OUT user_id text, OUT provider text, OUT provider_user_id text, OUT blocked boolean, OUT hash text, OUT is_new boolean)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  found record;
  new_hash text;
  taken text[];
BEGIN
  FOR attempt IN 1..3 LOOP
    found := userdir._find_identity(fresh ->> 'user_id');
    IF found.user_id IS NOT NULL THEN
      PERFORM userdir._check_same_connection(c, found);
      user_id := found.user_id;
      provider := found.provider;
      provider_user_id := found.provider_user_id;
      blocked := found.blocked;
      hash := found.hash;
      is_new := false;
      RETURN;
    END IF;

    -- Before the rows are there, so that nobody waits for their locks as long as a hash takes.
    new_hash := coalesce(new_hash, userdir._hash_password(password));
    BEGIN
      taken := userdir._insert_user(c.kind, fresh);
      IF taken <> '{}' THEN
        RAISE EXCEPTION 'not inserted' USING ERRCODE = 'UD999';
      END IF;
    EXCEPTION WHEN SQLSTATE 'UD999' THEN
      -- What was inserted before a name was found to be taken is gone.
    END;
    IF taken = '{}' THEN
      user_id := fresh ->> 'user_id';
      provider := fresh #>> '{identities,0,provider}';
      provider_user_id := fresh #>> '{identities,0,user_id}';
      blocked := coalesce((fresh ->> 'blocked')::boolean, false);
      hash := new_hash;
      is_new := true;
      PERFORM userdir._store_password(userdir._database_identity(user_id, c.name), hash, userdir._password_history_size(c.options));
      RETURN;
    ELSIF 'identity' <> ALL (taken) THEN
      PERFORM userdir._raise_user_exists(taken, c.name);
    END IF;
    -- The same person logged in twice at once, and the other login was first.
  END LOOP;
  PERFORM userdir._raise_user_exists('{identity}', c.name);
END
$$;
COMMENT ON FUNCTION userdir._import_user(record, jsonb, userdir.secret) IS
'Creates a user of a custom database here with the password that was just typed, once: whoever is here already is returned as they are.

c: a row of _find_connection(). fresh: what _custom_profile() returned.
Result: as in _find_identity(), and whether the user is new.
Errors: 23505 when the id is of another connection, or an identifier another user''s; UD005 and 54000 for metadata; 22023 for an empty password; UD201 when too many passwords are being hashed.';

CREATE FUNCTION userdir._take_custom(c record, read record, password userdir.secret,
    OUT user_id text, OUT provider text, OUT provider_user_id text, OUT blocked boolean, OUT hash text, OUT is_new boolean,
    OUT action text, OUT function text, OUT code text, OUT message text, OUT detail text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  found record;
BEGIN
  action := read.action;
  function := read.function;
  code := read.code;
  message := read.message;
  detail := read.detail;
  IF read.fresh IS NULL THEN
    RETURN;
  END IF;
  BEGIN
    IF userdir._custom_mode(c.options) = 'import' THEN
      SELECT i.* INTO user_id, provider, provider_user_id, blocked, hash, is_new FROM userdir._import_user(c, read.fresh, password) i;
    ELSE
      PERFORM userdir._upsert_normalized(c, read.fresh);
      found := userdir._find_identity(read.fresh ->> 'user_id');
      user_id := found.user_id;
      provider := found.provider;
      provider_user_id := found.provider_user_id;
      blocked := found.blocked;
    END IF;
  EXCEPTION WHEN SQLSTATE 'UD003' OR SQLSTATE 'UD004' OR SQLSTATE 'UD005' OR SQLSTATE 'UD007' OR unique_violation OR data_exception OR program_limit_exceeded THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
  END;
END
$$;
COMMENT ON FUNCTION userdir._take_custom(record, record, userdir.secret) IS
'Makes the user whom an action of a custom database has returned one of this directory: a user with the password in mode import, a profile that is kept up to date in mode legacy. All of that happens, or nothing.

read: a row of _read_custom().
Result: as in _import_user(), nulls when there is no such user; or SQLSTATE and message of what is wrong.
Errors: UD201 when too many passwords are being hashed.';

CREATE FUNCTION userdir._last_reset(of_user text) RETURNS timestamptz
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT l.last_password_reset FROM userdir.user_logins l WHERE l.user_id = of_user);
END
$$;
COMMENT ON FUNCTION userdir._last_reset(text) IS 'Returns when the password of a user was changed, null for never.';

CREATE FUNCTION userdir._spend_hash(password userdir.secret) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__spend_hash';
COMMENT ON FUNCTION userdir._spend_hash(userdir.secret) IS
'Does the work of verifying a password, unless the last action of a custom database has done it by password_matches().

Errors: UD201 when too many passwords are being hashed; 53200 without memory.';

CREATE FUNCTION userdir._account_allowed(c record, account text, request jsonb, OUT allowed boolean, OUT reason text, OUT until timestamptz)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  allowed := true;
  IF account IS NOT NULL THEN
    SELECT a.allowed, a.reason, a.until INTO allowed, reason, until
      FROM userdir._attempt_allowed(c.name, account, (request ->> 'ip')::inet, 'account', guarded => userdir._guards_identifiers(c.options)) a;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._account_allowed(record, text, jsonb) IS
'Tells, as _attempt_allowed() does, whether an account of a custom database, by provider|id, has had too many failed logins, under whatever names; null is none.';

CREATE FUNCTION userdir._custom_login(c record, known record, name text, password userdir.secret, request jsonb,
    OUT outcome text, OUT description text, OUT user_id text, OUT provider text, OUT provider_user_id text, OUT blocked boolean, OUT hash text, OUT last_reset timestamptz)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  reset_before timestamptz := userdir._last_reset(known.user_id);
  read record := userdir._read_custom(c, userdir._ask_custom(c, 'login', name, password, NULL, NULL, NULL, request));
  account text := CASE read.code WHEN 'UD060' THEN c.provider || '|' || substring(read.detail FROM '^[^[:space:][:cntrl:]]{1,255}$') ELSE read.fresh ->> 'user_id' END;
  attempt record;
  taken record;
  who record;
  is_right boolean;
BEGIN
  -- An action that has no hash compared tells by its speed whom there is.
  IF read.fresh IS NULL AND coalesce(read.code, 'UD060') = 'UD060' THEN
    PERFORM userdir._spend_hash(password);
  END IF;
  attempt := userdir._account_allowed(c, account, request);
  IF NOT attempt.allowed THEN
    SELECT r.* INTO outcome, description FROM userdir._refuse_attempt(c, attempt, known.user_id, name, request) r;
    RETURN;
  END IF;

  taken := userdir._take_custom(c, read, password);
  is_right := taken.code IS NULL AND taken.user_id IS NOT NULL;
  -- Somebody who is here already, by another name or since a moment ago, has the password that is here.
  IF is_right AND NOT taken.is_new THEN
    is_right := userdir._check_password(password, taken.hash);
  END IF;
  IF is_right AND account IS NOT NULL THEN
    attempt := userdir._attempt_succeeded(c.name, account, (request ->> 'ip')::inet, guarded => userdir._guards_identifiers(c.options));
  END IF;

  IF NOT attempt.allowed THEN
    SELECT r.* INTO outcome, description FROM userdir._refuse_attempt(c, attempt, known.user_id, name, request) r;
  ELSIF is_right THEN
    SELECT taken.user_id, taken.provider, taken.provider_user_id, taken.blocked, taken.hash INTO user_id, provider, provider_user_id, blocked, hash;
    last_reset := CASE WHEN user_id = known.user_id THEN reset_before ELSE userdir._last_reset(user_id) END;
  ELSIF taken.code IS NULL OR taken.code = 'UD060' THEN
    outcome := 'invalid_user_password';
    description := 'Wrong email or password.';
    -- An action that says whose password was wrong says that there is somebody.
    SELECT CASE WHEN taken.user_id IS NOT NULL THEN taken.user_id
                WHEN taken.code = 'UD060' THEN coalesce(known.user_id, account) END AS user_id INTO who;
    PERFORM userdir._refuse_wrong_password(c, who, name, request);
    -- The other database may find the same account by many spellings of a name.
    IF account IS NOT NULL THEN
      PERFORM userdir._attempt_failed(c.name, account, (request ->> 'ip')::inet, 'account', guarded => userdir._guards_identifiers(c.options));
    END IF;
  ELSE
    SELECT r.outcome, r.description INTO outcome, description FROM userdir._refuse_custom(c, 'f', known.user_id, name, request, taken) r;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._custom_login(record, record, text, userdir.secret, jsonb) IS
'Logs in against a custom database; counts and logs what does not end well.

c: a row of _find_password_connection(). known: what _find_login() has found. request: what _login_request() returned.
Result: without an outcome, the user as _find_login() returns one, whose password was right; the hash is null where the directory keeps none, and last_reset, when the password was changed last before the custom database was asked, stands for it.
Errors: UD201 when too many passwords are being hashed.';

CREATE FUNCTION userdir._asks_custom_database(options jsonb, of_user text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT userdir._custom_mode(options) OPERATOR(pg_catalog.=) 'legacy' OR userdir._custom_mode(options) OPERATOR(pg_catalog.=) 'import' AND of_user IS NULL
$$;
COMMENT ON FUNCTION userdir._asks_custom_database(jsonb, text) IS
'Tells whether a login, of a user or of somebody who is not known here, asks the custom database of a connection.';

-- Signing up.

CREATE FUNCTION userdir._find_in_custom(c record, body jsonb, request jsonb, OUT is_there boolean,
    OUT action text, OUT function text, OUT answer jsonb, OUT code text, OUT message text, OUT detail text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name text;
BEGIN
  is_there := false;
  FOREACH name IN ARRAY array_remove(ARRAY[body ->> 'email', body ->> 'username', body ->> 'phone_number'], NULL) LOOP
    SELECT a.* INTO action, function, answer, code, message, detail FROM userdir._ask_custom(c, 'get_user', name, NULL, NULL, NULL, NULL, request) a;
    is_there := answer IS NOT NULL;
    EXIT WHEN is_there OR code IS NOT NULL;
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._find_in_custom(record, jsonb, jsonb) IS
'Asks a custom database whether it has a user with one of the identifiers in body.

Result: whether it has; then as in _ask_custom(), of the last question.';

CREATE FUNCTION userdir._create_in_custom(c record, profile jsonb, body jsonb, password userdir.secret, request jsonb,
    OUT user_id text, OUT action text, OUT function text, OUT answer jsonb, OUT code text, OUT message text, OUT detail text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- What rules have made of the metadata, too.
  checked jsonb := (SELECT coalesce(jsonb_object_agg(b.key, b.value), '{}') FROM jsonb_each(body) b
                     WHERE b.key IN ('email', 'username', 'phone_number', 'user_metadata', 'app_metadata') AND b.value <> 'null');
  document jsonb := (profile - 'verify_email') || checked || jsonb_strip_nulls(jsonb_build_object(
                      'connection', c.name, 'client_id', request -> 'client_id', 'tenant', (SELECT d.name FROM userdir.directory d)));
BEGIN
  SELECT a.* INTO action, function, answer, code, message, detail FROM userdir._ask_custom(c, 'create', NULL, password, document, NULL, NULL, request) a;
  IF code IS NULL AND answer = 'false' THEN
    code := 'UD063';
    message := 'the answer is false';
  END IF;
  IF code IS NOT NULL THEN
    RAISE EXCEPTION 'not created' USING ERRCODE = 'UD063';
  END IF;
  -- What the user is like, the custom database says.
  SELECT a.* INTO action, function, answer, code, message, detail
    FROM userdir._ask_custom(c, 'login', coalesce(body ->> 'email', body ->> 'username', body ->> 'phone_number'), password, NULL, NULL, NULL, request) a;
  IF code IS NULL THEN
    SELECT t.user_id, t.code, t.message INTO user_id, code, message
      FROM userdir._take_custom(c, userdir._read_custom(c, (SELECT a FROM (SELECT action, function, answer, code, message, detail) a)), password) t;
  END IF;
  IF code IS NULL AND user_id IS NULL THEN
    code := 'UD063';
    message := 'the user who was just created is not known';
  END IF;
  IF code IS NOT NULL THEN
    RAISE EXCEPTION 'not created' USING ERRCODE = 'UD063';
  END IF;
EXCEPTION WHEN SQLSTATE 'UD063' THEN
  user_id := NULL;
END
$$;
COMMENT ON FUNCTION userdir._create_in_custom(record, jsonb, jsonb, userdir.secret, jsonb) IS
'Creates a user in the custom database of a connection in mode legacy, logs in there, and keeps the profile that this returns. Where the other database takes part in transactions, all of that happens or nothing.

profile: as it was given. body: what _new_user() made of it.
Result: the user; or as in _ask_custom(), of the action that failed.
Errors: as in _take_custom().';

CREATE FUNCTION userdir._custom_signup(c record, profile jsonb, body jsonb, password userdir.secret, name text, request jsonb,
    OUT outcome text, OUT description text, OUT user_id text, OUT verification_ticket text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  mode text := userdir._custom_mode(c.options);
  made record;
BEGIN
  IF mode = 'off' THEN
    RETURN;
  END IF;
  made := userdir._find_in_custom(c, body, request);
  IF made.is_there THEN
    SELECT r.* INTO outcome, description FROM userdir._refuse_signup(c, name, request, 'user_exists', 'The user already exists.') r;
    RETURN;
  ELSIF made.code IS NULL AND mode = 'legacy' THEN
    made := userdir._create_in_custom(c, profile, body, password, request);
    user_id := made.user_id;
  END IF;
  IF made.code = 'UD062' THEN
    SELECT r.* INTO outcome, description
      FROM userdir._refuse_signup(c, name, request, coalesce(substring(made.detail FROM '^[A-Za-z0-9_]{1,64}$'), 'invalid_signup'), made.message) r;
  ELSIF made.code = '23505' THEN
    SELECT r.* INTO outcome, description FROM userdir._refuse_signup(c, name, request, 'user_exists', 'The user already exists.') r;
  ELSIF made.code IS NOT NULL THEN
    SELECT r.* INTO outcome, description FROM userdir._refuse_custom(c, 'fs', NULL, name, request, made) r;
  ELSIF user_id IS NOT NULL THEN
    outcome := 'success';
    PERFORM userdir._write_log('ss', NULL, c, user_id, name, request);
    -- The address is what the custom database says that it is.
    IF (userdir._database_identity(user_id, c.name)).email IS NOT NULL THEN
      verification_ticket := userdir._create_email_verification_ticket(user_id, NULL, NULL, c.name, request ->> 'client_id');
      PERFORM userdir._write_log('svr', 'A verification of the e-mail address was requested.', c, user_id, name, request);
    END IF;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._custom_signup(record, jsonb, jsonb, userdir.secret, text, jsonb) IS
'What a sign-up does with the custom database of its connection: nobody who is there signs up here, and in mode legacy the user is created there.

Result: the outcome when it ends here, with the user and a ticket when that was created there; nulls when the user is to be created here.';

CREATE FUNCTION userdir._require_absent_in_custom(c record, body jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found record := userdir._find_in_custom(c, body, '{}');
  read record;
BEGIN
  IF found.code IS NOT NULL THEN
    PERFORM userdir._raise_custom(c, found);
  ELSIF NOT found.is_there THEN
    RETURN;
  END IF;
  -- An administrator moves a user here by hand.
  read := userdir._read_custom(c, found);
  IF read.fresh ->> 'user_id' IS DISTINCT FROM body ->> 'user_id' THEN
    RAISE EXCEPTION 'the user already exists' USING ERRCODE = 'unique_violation',
      DETAIL = format('The custom database of connection "%s" has this user.', c.name);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._require_absent_in_custom(record, jsonb) IS
'Raises 23505 when the custom database of a connection has a user with one of the identifiers in body, unless it is the one who is being created, by the same id; what _raise_custom() raises when it does not answer.';

CREATE FUNCTION userdir._create_user_in_custom(c record, profile jsonb, body jsonb, password userdir.secret) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  made record;
BEGIN
  PERFORM userdir._require_absent_in_custom(c, body);
  made := userdir._create_in_custom(c, profile, body, password, '{}');
  IF made.code = 'UD062' AND made.detail = 'user_exists' OR made.code = '23505' THEN
    RAISE EXCEPTION 'the user already exists' USING ERRCODE = 'unique_violation', DETAIL = made.message;
  ELSIF made.code = 'UD062' THEN
    RAISE EXCEPTION '%', made.message USING ERRCODE = 'UD062', DETAIL = coalesce(made.detail, '');
  ELSIF made.code IS NOT NULL THEN
    PERFORM userdir._raise_custom(c, made);
  END IF;
  RETURN made.user_id;
END
$$;
COMMENT ON FUNCTION userdir._create_user_in_custom(record, jsonb, jsonb, userdir.secret) IS
'Creates a user in the custom database of a connection in mode legacy for an administrator, and returns the user_id.

Errors: 23505 when there is such a user; UD062 with what the action refuses; what _raise_custom() raises.';
