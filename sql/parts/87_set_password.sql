-- Setting and changing passwords.

CREATE FUNCTION userdir._forgive_attempts(identity record) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM userdir._attempts_cleared(identity.connection, ARRAY(
    SELECT n.value FROM userdir.identifiers n
     WHERE n.user_id = identity.user_id AND n.provider = identity.provider AND n.provider_user_id = identity.provider_user_id));
END
$$;
COMMENT ON FUNCTION userdir._forgive_attempts(record) IS
'Lifts what stands against guessing the password of an identity. identity: a row of _database_identity().';

CREATE FUNCTION userdir._store_password(identity record, hash text, history_size integer) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  had_one boolean;
BEGIN
  -- Everybody who sets a password locks the rows of attempts, the user, tickets, credentials, logins and tokens, in this order.
  PERFORM userdir._forgive_attempts(identity);
  PERFORM FROM userdir.users u WHERE u.user_id = identity.user_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM userdir.tickets t
   WHERE t.user_id = identity.user_id AND t.provider = identity.provider AND t.provider_user_id = identity.provider_user_id
     AND t.purpose = 'password_change';
  INSERT INTO userdir.credentials AS k (user_id, provider, provider_user_id, hash, set_at)
    VALUES (identity.user_id, identity.provider, identity.provider_user_id, _store_password.hash, moment)
    ON CONFLICT (user_id, provider, provider_user_id) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at
    RETURNING xmax <> 0 INTO had_one;
  PERFORM userdir._remember_password(identity.user_id, _store_password.hash, history_size);
  -- The first one may be that of a login by which somebody came here, who may choose another all the same.
  IF had_one THEN
    DELETE FROM userdir.migration_tickets t WHERE t.user_id = identity.provider || '|' || identity.provider_user_id;
    INSERT INTO userdir.user_logins AS l (user_id, last_password_reset) VALUES (identity.user_id, moment)
      ON CONFLICT (user_id) DO UPDATE SET last_password_reset = excluded.last_password_reset;
  END IF;
  PERFORM userdir._end_user_access(identity.user_id);
  RETURN true;
END
$$;
COMMENT ON FUNCTION userdir._store_password(record, text, integer) IS
'Stores the hash of a new password, keeps the history, takes back tickets for a change, ends what the user has of access, and lifts what stands against guessing it.

identity: user_id, provider, provider_user_id and connection. hash: what _hash_password() returned. history_size: as for _remember_password().
Result: false when the user was deleted meanwhile.';

CREATE FUNCTION userdir._set_password(user_id text, password userdir.secret, connection text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  identity record := userdir._database_identity(user_id, connection);
  c record := userdir._find_connection(identity.connection);
BEGIN
  PERFORM userdir._require_password_policy(c.name, jsonb_build_object('user_id', identity.user_id), password);
  IF userdir._is_external_database(c.options) THEN
    PERFORM userdir._set_custom_password(c, identity, password);
  ELSIF NOT userdir._store_password(identity, userdir._hash_password(password), userdir._password_history_size(c.options)) THEN
    PERFORM userdir._raise_unknown_user(user_id);
  END IF;
  UPDATE userdir.users u SET blocked = false WHERE u.user_id = identity.user_id AND u.blocked;
  PERFORM userdir._write_log('scp', 'The password was set.', c, identity.user_id, identity.email, '{}',
                             CASE WHEN FOUND THEN '{"unblocked": true}'::jsonb END);
  PERFORM userdir._after_rules('post_change_password', identity.user_id, c, '{}', identity.email, 'fcph');
END
$$;
COMMENT ON FUNCTION userdir._set_password(text, userdir.secret, text) IS 'Body of set_password().';

CREATE FUNCTION userdir.set_password(user_id text, password userdir.secret, connection text DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.set_password(text, userdir.secret, text) IS
'Sets the password of a user, for an administrator; the old one is not asked for. Failed logins of the user are forgotten, tickets for a change become void, sessions and refresh tokens end, and an administrator''s block is lifted, as in the model: for a user who is to stay blocked, set blocked again.

user_id: the user. password: the new password. connection: the database connection of the identity that is meant; null: the primary identity, or the first that can have a password.
Errors: UD031 when the policy of the connection refuses the password, with the report as detail; UD007 when there is no such user; UD006 when it has no identity that can have a password; UD008 for an unknown connection; UD201 when too many passwords are being hashed.';

CREATE FUNCTION userdir._set_stored_hash(user_id text, stored text, connection text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  identity record := userdir._database_identity(user_id, connection);
  c record := userdir._find_connection(identity.connection);
BEGIN
  IF stored IS NULL THEN
    RAISE EXCEPTION 'a password hash must not be null' USING ERRCODE = 'UD030';
  ELSIF userdir._is_external_database(c.options) THEN
    RAISE EXCEPTION 'connection "%" has no password hashes here', c.name
      USING ERRCODE = 'UD006', DETAIL = 'Its users live in a database of their own.';
  END IF;
  IF NOT userdir._store_password(identity, stored, userdir._password_history_size(c.options)) THEN
    PERFORM userdir._raise_unknown_user(user_id);
  END IF;
  PERFORM userdir._write_log('scp', 'The hash of a password was set.', c, identity.user_id, identity.email, '{}');
END
$$;
COMMENT ON FUNCTION userdir._set_stored_hash(text, text, text) IS
'Stores a hash, in the form in which they are stored, as that of a user''s password, and logs it.

Errors: UD030 for null; UD007, UD006 and UD008 as in _database_identity().';

CREATE FUNCTION userdir._set_password_hash(user_id text, hash jsonb, connection text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  PERFORM userdir._set_stored_hash(user_id, userdir._import_password_hash(hash), connection);
END
$$;
COMMENT ON FUNCTION userdir._set_password_hash(text, jsonb, text) IS 'Body of set_password_hash() with a JSON object.';

CREATE FUNCTION userdir._set_password_hash(user_id text, hash text, connection text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  document jsonb;
BEGIN
  -- A literal without a type is a text to the server, also one with an object in it. No other hash begins like this.
  IF hash ~ '^[[:space:]]*[{][[:space:]]*"' THEN
    BEGIN
      document := hash;
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
      RAISE EXCEPTION 'the password hash is not valid JSON' USING ERRCODE = 'UD030';
    END;
    PERFORM userdir._set_password_hash(user_id, document, connection);
  ELSE
    PERFORM userdir._set_stored_hash(user_id, userdir._import_password_text(hash), connection);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._set_password_hash(text, text, text) IS 'Body of set_password_hash() with a text.';

CREATE FUNCTION userdir.set_password_hash(user_id text, hash text, connection text DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.set_password_hash(text, text, text) IS
'Gives a user the password behind a hash that another system has made, for an administrator who moves users here. Users log in with the passwords that they have; the first login leaves an argon2id hash instead, and wrap_weak_hashes() protects weak ones before that. Failed logins are forgotten and tickets for a change become void, as with set_password(); no policy is asked, and an administrator''s block stays.

user_id: the user, who may have been made by create_user() without a password. hash: one that says of which kind it is: a PHC string, one of crypt(3), phpass, LDAP or Django; or the JSON object that set_password_hash(text, jsonb, text) takes. connection: as in set_password().
Errors: UD030 for a hash that is malformed, of no known kind or too costly to verify, or null; 0A000 when this server''s OpenSSL does not have its digest; UD007 when there is no such user; UD006 when it has no identity that can have a password; UD008 for an unknown connection.';

CREATE FUNCTION userdir.set_password_hash(user_id text, hash jsonb, connection text DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.set_password_hash(text, jsonb, text) IS
'Gives a user the password behind a hash that another system has made, as set_password_hash(text, text, text) does.

user_id, connection: as there. hash: a custom_password_hash, as check_password_hash() takes it.
Errors: as there.';

CREATE FUNCTION userdir._take_new_password(c record, identity record, password userdir.secret, request jsonb, ticket userdir.secret,
    old_password userdir.secret, old_hash text,
    OUT outcome text, OUT description text, OUT report jsonb)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  breach record := userdir._meet_breached_password('pre-change-password', password);
  hash text;
  present text;
BEGIN
  IF breach.breached THEN
    PERFORM userdir._write_log('reset_pwd_leak', 'The new password is known from a data breach.', c, identity.user_id, identity.email, request,
                               jsonb_build_object('blocked', breach.block, 'notify_admin', breach.notify_admin));
  END IF;
  report := userdir._password_rejection(userdir._check_password_policy(c.name, jsonb_build_object('user_id', identity.user_id), password));
  IF report IS NOT NULL THEN
    outcome := report ->> 'code';
    description := report ->> 'message';
    PERFORM userdir._write_log('fcp', description, c, identity.user_id, identity.email, request);
    RETURN;
  END IF;
  IF userdir._is_external_database(c.options) THEN
    SELECT t.* INTO outcome, description FROM userdir._take_custom_password(c, identity, password, request, ticket) t;
    IF outcome = 'success' THEN
      PERFORM userdir._after_rules('post_change_password', identity.user_id, c, request, identity.email, 'fcph');
    END IF;
    RETURN;
  END IF;
  hash := userdir._hash_password(password);
  -- A ticket is used up at the last moment: that of a password that was refused is good for another, and
  -- nobody waits for a hash. Now it may be gone.
  IF ticket IS NOT NULL THEN
    PERFORM userdir._forgive_attempts(identity);
    description := userdir._take_ticket(ticket, 'password_change');
    IF description IS NOT NULL THEN
      outcome := 'invalid_ticket';
      PERFORM userdir._write_log('fcp', description, c, identity.user_id, identity.email, request);
      RETURN;
    END IF;
  END IF;
  -- Somebody may have set another password since the old one was found to be right: that one stays.
  IF old_hash IS NOT NULL THEN
    PERFORM userdir._forgive_attempts(identity);
    PERFORM FROM userdir.users u WHERE u.user_id = identity.user_id FOR NO KEY UPDATE;
    SELECT k.hash INTO present FROM userdir.credentials k
     WHERE k.user_id = identity.user_id AND k.provider = identity.provider AND k.provider_user_id = identity.provider_user_id;
    IF present IS NULL OR present <> old_hash AND NOT userdir._verify_password(old_password, present) THEN
      outcome := 'invalid_user_password';
      description := 'Wrong email or password.';
      PERFORM userdir._write_log('fcp', description, c, identity.user_id, identity.email, request);
      RETURN;
    END IF;
  END IF;
  PERFORM userdir._store_password(identity, hash, userdir._password_history_size(c.options));
  PERFORM userdir._write_log('scp', 'The password was changed.', c, identity.user_id, identity.email, request);
  PERFORM userdir._after_rules('post_change_password', identity.user_id, c, request, identity.email, 'fcph');
  outcome := 'success';
END
$$;
COMMENT ON FUNCTION userdir._take_new_password(record, record, userdir.secret, jsonb, userdir.secret, userdir.secret, text) IS
'Judges and stores the password that a user has chosen, and logs it.

c: a row of _find_connection(). identity: one of _database_identity(). request: what _login_request() returned. ticket: one that is good until now, or null. old_password, old_hash: what was verified, or null.
Result: the outcome: success, what the policy says, invalid_ticket or invalid_user_password when ticket or old password are good no more; a description; why the policy refuses it.';

CREATE FUNCTION userdir._change_password(connection text, identifier text, old_password userdir.secret, new_password userdir.secret, client_id text, context jsonb,
    OUT outcome text, OUT description text, OUT user_id text, OUT report jsonb)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  c record := userdir._find_password_connection(connection);
  request jsonb := userdir._login_request(client_id, NULL, NULL, context);
  answer record := userdir._authenticate(c, userdir._login_name(identifier), old_password, request);
  taken record;
BEGIN
  -- A leaked password may be changed, it is the way out.
  IF answer.outcome IN ('success', 'password_leaked') THEN
    taken := userdir._take_new_password(c, userdir._database_identity(answer.user_id, c.name), new_password, request, NULL, old_password, answer.hash);
    outcome := taken.outcome;
    description := taken.description;
    report := taken.report;
    user_id := CASE WHEN outcome <> 'invalid_user_password' THEN answer.user_id END;
  ELSE
    outcome := answer.outcome;
    description := answer.description;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._change_password(text, text, userdir.secret, userdir.secret, text, jsonb) IS 'Body of change_password().';

CREATE FUNCTION userdir.change_password(connection text, identifier text, old_password userdir.secret, new_password userdir.secret,
    client_id text DEFAULT NULL, context jsonb DEFAULT '{}', OUT outcome text, OUT description text, OUT user_id text, OUT report jsonb)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.change_password(text, text, userdir.secret, userdir.secret, text, jsonb) IS
'Changes a password for a user who knows the old one. Attempts with a wrong old password count as failed logins; with success sessions and refresh tokens end.

connection, identifier, client_id, context: as in login(). old_password, new_password: the passwords.
Result: one row. outcome: success; an outcome of login(), when the old password did not do; invalid_password or password_leaked, when the policy refuses the new one, and report then tells why, as check_password_policy() does. description: the same in words. user_id: the user, when the old password was right.
Errors: as in login().';

CREATE FUNCTION userdir._request_password_change(connection text, email text, client_id text, ttl_sec integer, result_url text, context jsonb) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record := userdir._find_password_connection(connection);
  request jsonb := userdir._login_request(client_id, NULL, NULL, context);
  name text := userdir._login_name(email);
  known record;
  custom record;
  options jsonb;
  token text;
BEGIN
  PERFORM userdir._check_result_url(result_url);
  -- Nobody learns from a bad lifetime who exists.
  PERFORM userdir._ticket_lifetime(ttl_sec);
  IF c.options -> 'disable_self_service_change_password' = 'true' THEN
    PERFORM userdir._write_log('fcpr', 'Users of this connection do not change their passwords themselves.', c, NULL, name, request);
    RETURN NULL;
  END IF;
  known := userdir._find_login(name, c.name);
  options := jsonb_build_object('result_url', result_url, 'client_id', client_id, 'mark_email_as_verified', true);
  IF known.user_id IS NOT NULL THEN
    token := userdir._create_ticket(userdir._database_identity(known.user_id, c.name), 'password_change', ttl_sec, options);
  ELSE
    custom := userdir._request_custom_change(c, name, request, ttl_sec, options);
    token := custom.token;
    IF custom.is_logged THEN
      RETURN NULL;
    END IF;
  END IF;
  IF token IS NULL THEN
    PERFORM userdir._write_log('fcpr', 'The user does not exist.', c, NULL, name, request);
    RETURN NULL;
  END IF;
  PERFORM userdir._write_log('scpr', 'A change of the password was requested.', c, known.user_id, name, request);
  RETURN token;
END
$$;
COMMENT ON FUNCTION userdir._request_password_change(text, text, text, integer, text, jsonb) IS 'Body of request_password_change().';

CREATE FUNCTION userdir.request_password_change(connection text, email text, client_id text DEFAULT NULL, ttl_sec integer DEFAULT 432000,
    result_url text DEFAULT NULL, context jsonb DEFAULT '{}') RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.request_password_change(text, text, text, integer, text, jsonb) IS
'Makes a ticket for a user who has forgotten the password; reset_password() takes it. Mail it to the address, and answer whoever asked the same in any case: the address may be nobody''s.

connection, client_id, context: as in login(). email: the address, or another identifier. ttl_sec, result_url: as in create_password_change_ticket(). Using the ticket shows that the address is the user''s.
Result: the ticket; null when there is no such user, or the connection''s option disable_self_service_change_password is true.
Errors: UD008 for an unknown connection; UD006 for one without passwords; 22023 for a bad context, ttl_sec or result_url.';

CREATE FUNCTION userdir._reset_password(ticket userdir.secret, password userdir.secret, context jsonb,
    OUT outcome text, OUT description text, OUT user_id text, OUT report jsonb, OUT options jsonb)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  known record := userdir._find_ticket(ticket, 'password_change');
  c record := userdir._connection_of(known.user_id, known.provider, known.provider_user_id);
  request jsonb := userdir._login_request(known.options ->> 'client_id', NULL, NULL, context);
  taken record;
BEGIN
  IF known.user_id IS NULL THEN
    SELECT r.* INTO outcome, description, user_id, report, options FROM userdir._reset_migrant(ticket, password, context) r;
    IF outcome IS NOT NULL THEN
      RETURN;
    END IF;
  END IF;
  IF known.message IS NOT NULL THEN
    outcome := 'invalid_ticket';
    description := known.message;
    PERFORM userdir._write_log('fcp', description, c, known.user_id, known.email, request);
    RETURN;
  END IF;
  user_id := known.user_id;
  options := known.options;
  taken := userdir._take_new_password(c, userdir._database_identity(known.user_id, c.name), password, request, ticket, NULL, NULL);
  outcome := taken.outcome;
  description := taken.description;
  report := taken.report;
  IF outcome = 'invalid_ticket' THEN
    user_id := NULL;
    options := NULL;
  ELSIF outcome = 'success' AND known.email IS NOT NULL AND (known.options ->> 'mark_email_as_verified')::boolean AND NOT userdir._is_external_database(c.options) THEN
    PERFORM userdir._mark_email_verified(known);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._reset_password(userdir.secret, userdir.secret, jsonb) IS 'Body of reset_password().';

CREATE FUNCTION userdir.reset_password(ticket userdir.secret, password userdir.secret, context jsonb DEFAULT '{}',
    OUT outcome text, OUT description text, OUT user_id text, OUT report jsonb, OUT options jsonb)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.reset_password(userdir.secret, userdir.secret, jsonb) IS
'Takes a ticket of request_password_change() or create_password_change_ticket(): the user gets a new password, and sessions and refresh tokens end.

ticket: the ticket. password: the new password. context: as in login().
Result: one row. outcome: success; invalid_ticket; invalid_password or password_leaked when the policy refuses the password, report tells why, and the ticket stays good for another. description: the same in words. user_id; options, in which result_url and client_id are.
Errors: 22023 for a bad context; 54000 for a ticket or password of more than 4096 bytes; UD201 when too many passwords are being hashed.';

CREATE FUNCTION userdir._wrap_weak_hashes(max_rows integer) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  weak record;
  wrapped bigint := 0;
BEGIN
  IF max_rows < 1 THEN
    RAISE EXCEPTION 'max_rows must be 1 or more' USING ERRCODE = 'invalid_parameter_value', HINT = 'Null wraps all.';
  END IF;
  FOR weak IN SELECT k.user_id, k.provider, k.provider_user_id, k.hash FROM userdir.credentials k
               WHERE userdir._is_weak_hash(k.hash) LIMIT max_rows FOR UPDATE SKIP LOCKED
  LOOP
    UPDATE userdir.credentials k SET hash = userdir._wrap_password_hash(weak.hash)
     WHERE k.user_id = weak.user_id AND k.provider = weak.provider AND k.provider_user_id = weak.provider_user_id;
    wrapped := wrapped + 1;
  END LOOP;
  RETURN wrapped;
END
$$;
COMMENT ON FUNCTION userdir._wrap_weak_hashes(integer) IS 'Body of wrap_weak_hashes().';

CREATE FUNCTION userdir.wrap_weak_hashes(max_rows integer DEFAULT 100) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.wrap_weak_hashes(integer) IS
'Protects stored hashes that are quick to guess, as MD5 and SHA ones are, by hashing them again with argon2id; no password has to be known for it, and all still verify. The next login of such a user leaves a plain argon2id hash.

max_rows: how many to wrap at most, null for all; each takes the time of a login, so call it again, in transactions of its own, until it returns 0. Rows that a login holds at this moment are left for the next call.
Result: how many were wrapped.
Errors: 22023 for a max_rows below 1; UD201 when too many passwords are being hashed.';
