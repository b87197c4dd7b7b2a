-- Signing up: a user is created by whoever that user is.

CREATE FUNCTION userdir._check_signup_metadata(metadata jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  field record;
BEGIN
  IF (SELECT count(*) > 10 FROM jsonb_object_keys(metadata)) THEN
    RAISE EXCEPTION 'user_metadata of a sign-up must have at most 10 fields' USING ERRCODE = 'UD005';
  END IF;
  FOR field IN SELECT m.key, jsonb_typeof(m.value) AS type, length(m.value #>> '{}') AS length FROM jsonb_each(metadata) m LOOP
    IF field.type <> 'string' OR field.length >= 500 OR length(field.key) >= 100 THEN
      RAISE EXCEPTION 'field "%" of user_metadata of a sign-up must be a string of fewer than 500 characters, under a name of fewer than 100', left(field.key, 64)
        USING ERRCODE = 'UD005';
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._check_signup_metadata(jsonb) IS
'Raises UD005 unless metadata is what whoever signs up may send: up to 10 strings.';

CREATE FUNCTION userdir._refuse_signup(c record, name text, request jsonb, code text, words text, OUT outcome text, OUT description text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  outcome := code;
  description := words;
  PERFORM userdir._write_log('fs', words, c, NULL, name, request, jsonb_build_object('code', code));
END
$$;
COMMENT ON FUNCTION userdir._refuse_signup(record, text, jsonb, text, text) IS 'Logs a sign-up that is refused, and returns its outcome.';

CREATE FUNCTION userdir._allow_signup(c record, name text, request jsonb, OUT outcome text, OUT description text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ip inet := (request ->> 'ip')::inet;
  attempt record;
BEGIN
  IF NOT userdir._is_enabled_for(c.options, request ->> 'client_id') THEN
    SELECT r.* INTO outcome, description FROM userdir._refuse_signup(c, name, request, 'invalid_request', 'The connection is not enabled for this client.') r;
    RETURN;
  ELSIF c.options -> 'disable_signup' = 'true' THEN
    SELECT r.* INTO outcome, description FROM userdir._refuse_signup(c, name, request, 'signup_disabled', 'Nobody can sign up on this connection.') r;
    RETURN;
  END IF;
  attempt := userdir._attempt_allowed(c.name, name, ip, 'pre-user-registration');
  IF NOT attempt.allowed THEN
    SELECT r.* INTO outcome, description FROM userdir._refuse_signup(c, name, request, 'too_many_attempts', 'Too many sign-ups came from this address.') r;
    RETURN;
  END IF;
  IF (userdir._attempt_failed(c.name, name, ip, 'pre-user-registration')).limit_mu THEN
    PERFORM userdir._write_log('limit_mu', 'Too many sign-ups from one address.', c, NULL, NULL, request);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._allow_signup(record, text, jsonb) IS
'Counts a sign-up, and returns why it may not go on; nulls when it may.';

CREATE FUNCTION userdir._signup(connection text, profile jsonb, password userdir.secret, client_id text, context jsonb,
    OUT outcome text, OUT description text, OUT user_id text, OUT report jsonb, OUT verification_ticket text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  c record := userdir._find_password_connection(connection);
  request jsonb := userdir._login_request(client_id, NULL, NULL, context);
  body jsonb;
  name text;
  breach record;
  custom record;
  hash text;
  ruled jsonb;
  taken text[];
BEGIN
  PERFORM userdir._check_user_body(profile, '{email,username,phone_number,name,given_name,family_name,nickname,picture,user_metadata}', false);
  PERFORM userdir._check_signup_metadata(profile -> 'user_metadata');
  body := userdir._new_user(c, profile);
  name := coalesce(body ->> 'email', body ->> 'username', body ->> 'phone_number');

  SELECT a.outcome, a.description INTO outcome, description FROM userdir._allow_signup(c, name, request) a;
  IF outcome IS NOT NULL THEN
    RETURN;
  END IF;
  breach := userdir._meet_breached_password('pre-user-registration', password);
  IF breach.breached THEN
    PERFORM userdir._write_log('signup_pwd_leak', 'The password is known from a data breach.', c, NULL, name, request,
                               jsonb_build_object('blocked', breach.block, 'notify_admin', breach.notify_admin));
  END IF;
  report := userdir._password_rejection(userdir._check_password_policy(c.name, profile, password));
  IF report IS NOT NULL THEN
    SELECT r.* INTO outcome, description FROM userdir._refuse_signup(c, name, request, report ->> 'code', report ->> 'message') r;
    RETURN;
  END IF;

  IF userdir._has_rules('pre_user_registration') THEN
    SELECT r.outcome, r.description, r.profile INTO outcome, description, ruled FROM userdir._pre_registration(c, body, request, name) r;
    IF outcome IS NOT NULL THEN
      RETURN;
    END IF;
    body := ruled;
  END IF;
  custom := userdir._custom_signup(c, profile, body, password, name, request);
  IF custom.outcome IS NOT NULL THEN
    SELECT custom.outcome, custom.description, custom.user_id, custom.verification_ticket INTO outcome, description, user_id, verification_ticket;
    IF outcome = 'success' THEN
      PERFORM userdir._after_rules('post_user_registration', user_id, c, request, name, 'fpurh');
    END IF;
    RETURN;
  END IF;

  -- Before the rows are there, so that nobody waits for their locks as long as a hash takes.
  hash := userdir._hash_password(password);
  BEGIN
    taken := userdir._insert_user(c.kind, body);
    -- Somebody else may have taken a name a moment ago; what was inserted until then goes.
    IF taken <> '{}' THEN
      RAISE unique_violation;
    END IF;
  EXCEPTION WHEN unique_violation THEN
    -- Perhaps it is one that a trigger on the table has raised.
    IF taken IS NULL OR taken = '{}' THEN
      RAISE;
    END IF;
  END;
  IF taken = '{}' THEN
    user_id := body ->> 'user_id';
    PERFORM userdir._store_password(userdir._database_identity(user_id, c.name), hash, userdir._password_history_size(c.options));
    PERFORM userdir._write_log('ss', NULL, c, user_id, name, request);
    IF body ? 'email' THEN
      verification_ticket := userdir._create_email_verification_ticket(user_id, NULL, NULL, c.name, client_id);
      PERFORM userdir._write_log('svr', 'A verification of the e-mail address was requested.', c, user_id, name, request);
    END IF;
    PERFORM userdir._after_rules('post_user_registration', user_id, c, request, name, 'fpurh');
    outcome := 'success';
  ELSE
    SELECT r.* INTO outcome, description
      FROM userdir._refuse_signup(c, name, request, CASE WHEN taken = '{username}' THEN 'username_exists' ELSE 'user_exists' END, 'The user already exists.') r;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._signup(text, jsonb, userdir.secret, text, jsonb) IS 'Body of signup().';

CREATE FUNCTION userdir.signup(connection text, profile jsonb, password userdir.secret, client_id text DEFAULT NULL, context jsonb DEFAULT '{}',
    OUT outcome text, OUT description text, OUT user_id text, OUT report jsonb, OUT verification_ticket text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.signup(text, jsonb, userdir.secret, text, jsonb) IS
'Creates a user of a database connection for somebody who signs up. As with login(), what comes of it is a value: commit whatever the outcome is.

connection, client_id, context: as in login(). profile: an object of email, username or phone_number, as the connection has them, and any of name, given_name, family_name, nickname, picture, and user_metadata with up to 10 strings. password: the password.
Result: one row. outcome: success; user_exists or username_exists; invalid_password or password_leaked, when the policy refuses the password, and report tells why, as check_password_policy() does; signup_disabled, by the connection''s option disable_signup; too_many_attempts, from the address; unauthorized or rule_failed, when a rule of pre_user_registration refuses or fails; invalid_request, the connection is not enabled for the client; what the custom database of the connection refuses the user for; access_denied, that database did not answer. description: the same in words. user_id: the new user. verification_ticket: for verify_email(), to be mailed to the address; null without one.
Errors: UD008 for an unknown connection; UD006 for one without passwords, or a property that its users do not have; UD004 and UD005 for a malformed or missing property; 22023 for a bad context; UD201 when too many passwords are being hashed.';

CREATE FUNCTION userdir._create_user(connection text, profile jsonb, password userdir.secret) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  c record := userdir._find_password_connection(connection);
  hash text;
  created jsonb;
  created_id text;
BEGIN
  IF jsonb_typeof(profile) = 'object' THEN
    PERFORM userdir._require_password_policy(c.name, profile - 'user_id', password);
  END IF;
  IF userdir._is_external_database(c.options) THEN
    PERFORM userdir._check_new_user(c, profile);
    created_id := userdir._create_user_in_custom(c, profile, userdir._new_user(c, profile), password);
    RETURN userdir._users_json(ARRAY[created_id]) -> 0;
  END IF;
  hash := userdir._hash_password(password);
  created := userdir._create_user(connection, profile);
  PERFORM userdir._store_password(userdir._database_identity(created ->> 'user_id', c.name), hash, userdir._password_history_size(c.options));
  RETURN created;
END
$$;
COMMENT ON FUNCTION userdir._create_user(text, jsonb, userdir.secret) IS 'Body of create_user() with a password.';

CREATE FUNCTION userdir.create_user(connection text, profile jsonb, password userdir.secret) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.create_user(text, jsonb, userdir.secret) IS
'Creates a user of a database connection with a password, for an administrator.

connection, profile, result: as in create_user() without a password. password: the password.
Errors: as there, and UD031 when the policy of the connection refuses the password, with the report as detail; UD006 for a connection without passwords; UD201 when too many passwords are being hashed.';
