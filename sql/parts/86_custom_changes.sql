-- Custom databases: changes of a password or an address, verifications and deletions, and tickets
-- of users who are not here yet.

CREATE FUNCTION userdir._custom_name(identity record) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN coalesce(identity.email, (
    SELECT n.value FROM userdir.identifiers n
     WHERE n.user_id = identity.user_id AND n.provider = identity.provider AND n.provider_user_id = identity.provider_user_id AND n.kind <> 'identity'
     ORDER BY n.kind DESC LIMIT 1));
END
$$;
COMMENT ON FUNCTION userdir._custom_name(record) IS
'Returns the name by which an identity is known to a custom database: the e-mail address, or else the user name or phone number. identity: a row of _database_identity().';

CREATE FUNCTION userdir._find_same_in_custom(c record, identity record, request jsonb,
    OUT action text, OUT function text, OUT fresh jsonb, OUT code text, OUT message text, OUT detail text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  read record := userdir._read_custom(c, userdir._ask_custom(c, 'get_user', userdir._custom_name(identity), NULL, NULL, NULL, NULL, request));
BEGIN
  action := read.action;
  function := read.function;
  fresh := read.fresh;
  code := read.code;
  message := read.message;
  detail := read.detail;
  IF code IS NULL AND fresh IS NULL THEN
    code := 'UD007';
    message := 'the custom database has no such user';
  ELSIF code IS NULL AND fresh #>> '{identities,0,user_id}' <> identity.provider_user_id THEN
    code := 'UD063';
    message := 'the answer is another user';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._find_same_in_custom(record, record, jsonb) IS
'Asks a custom database for the user of an identity that is known here. identity: a row of _database_identity().

Result: the profile, or what stands against it as in _read_custom(), UD007 when there is no such user.';

CREATE FUNCTION userdir._note_password_reset(of_user text, moment timestamptz) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO userdir.user_logins AS l (user_id, last_password_reset) VALUES (of_user, moment)
    ON CONFLICT (user_id) DO UPDATE SET last_password_reset = excluded.last_password_reset;
END
$$;
COMMENT ON FUNCTION userdir._note_password_reset(text, timestamptz) IS 'Notes when the password of a user was changed.';

CREATE FUNCTION userdir._note_custom_password(identity record, moment timestamptz) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM userdir._forgive_attempts(identity);
  PERFORM FROM userdir.users u WHERE u.user_id = identity.user_id FOR NO KEY UPDATE;
  DELETE FROM userdir.tickets t
   WHERE t.user_id = identity.user_id AND t.provider = identity.provider AND t.provider_user_id = identity.provider_user_id
     AND t.purpose = 'password_change';
  DELETE FROM userdir.migration_tickets t WHERE t.user_id = identity.provider || '|' || identity.provider_user_id;
  PERFORM userdir._note_password_reset(identity.user_id, moment);
  PERFORM userdir._end_user_access(identity.user_id);
END
$$;
COMMENT ON FUNCTION userdir._note_custom_password(record, timestamptz) IS
'Notes that a custom database has a new password of an identity: what follows from one here follows as in _store_password(), but no hash is kept.';

CREATE FUNCTION userdir._change_custom_password(c record, identity record, password userdir.secret, request jsonb,
    OUT action text, OUT function text, OUT code text, OUT message text, OUT detail text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  answer jsonb;
  moment timestamptz := clock_timestamp();
BEGIN
  SELECT f.action, f.function, f.code, f.message, f.detail INTO action, function, code, message, detail FROM userdir._find_same_in_custom(c, identity, request) f;
  IF code IS NOT NULL THEN
    RETURN;
  END IF;
  SELECT a.* INTO action, function, answer, code, message, detail
    FROM userdir._ask_custom(c, 'change_password', userdir._custom_name(identity), password, NULL, NULL, NULL, request) a;
  IF code IS NULL AND coalesce(answer, 'false') = 'false' THEN
    code := 'UD063';
    message := 'the answer is that the password was not changed';
  ELSIF code IS NULL THEN
    BEGIN
      moment := coalesce((answer ->> 'last_password_reset')::timestamptz, moment);
    EXCEPTION WHEN data_exception THEN
      moment := NULL;
    END;
    -- What is written in JSON has four digits for a year.
    IF (moment BETWEEN '0001-01-01 00:00:00Z' AND '9999-12-31 00:00:00Z') IS NOT TRUE THEN
      code := 'UD063';
      message := 'last_password_reset in the answer is no moment';
      RETURN;
    END IF;
    PERFORM userdir._note_custom_password(identity, moment);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._change_custom_password(record, record, userdir.secret, jsonb) IS
'Changes a password in the custom database of a connection in mode legacy.

identity: a row of _database_identity().
Result: nulls, or what stands against it, as in _ask_custom().';

CREATE FUNCTION userdir._set_custom_password(c record, identity record, password userdir.secret) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  changed record := userdir._change_custom_password(c, identity, password, '{}');
BEGIN
  IF changed.code IS NOT NULL THEN
    PERFORM userdir._raise_custom(c, changed);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._set_custom_password(record, record, userdir.secret) IS
'Changes a password in a custom database as _change_custom_password() does; raises what _raise_custom() raises.';

CREATE FUNCTION userdir._take_custom_password(c record, identity record, password userdir.secret, request jsonb, ticket userdir.secret, OUT outcome text, OUT description text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  changed record;
BEGIN
  BEGIN
    IF ticket IS NOT NULL THEN
      PERFORM userdir._forgive_attempts(identity);
      description := userdir._take_ticket(ticket, 'password_change');
    END IF;
    IF description IS NOT NULL THEN
      outcome := 'invalid_ticket';
      PERFORM userdir._write_log('fcp', description, c, identity.user_id, identity.email, request);
      RETURN;
    END IF;
    changed := userdir._change_custom_password(c, identity, password, request);
    IF changed.code IS NOT NULL THEN
      RAISE EXCEPTION 'not changed' USING ERRCODE = 'UD063';
    END IF;
    PERFORM userdir._write_log('scp', 'The password was changed.', c, identity.user_id, identity.email, request);
    outcome := 'success';
  EXCEPTION WHEN SQLSTATE 'UD063' THEN
    -- The ticket is as good as before.
    SELECT r.* INTO outcome, description FROM userdir._refuse_custom(c, 'fcp', identity.user_id, identity.email, request, changed) r;
  END;
END
$$;
COMMENT ON FUNCTION userdir._take_custom_password(record, record, userdir.secret, jsonb, userdir.secret) IS
'Changes the password that a user has chosen in a custom database, and logs it; what _take_new_password() does where the password is here.';

-- Tickets of users who are not here yet.

CREATE FUNCTION userdir._create_migration_ticket(c record, fresh jsonb, login text, ttl_sec integer, options jsonb) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  future_id text := fresh ->> 'user_id';
  lifetime interval := userdir._ticket_lifetime(ttl_sec);
  token text := userdir._new_token(future_id);
  -- Not in the statement: the plan of a statement may be logged, with the values in it.
  hash bytea := sha256(convert_to(token, 'UTF8'));
BEGIN
  -- Of several tickets only the latest is good; those that nobody has used go, unless somebody uses them now.
  DELETE FROM userdir.migration_tickets t WHERE t.user_id = future_id;
  DELETE FROM userdir.migration_tickets t
   USING (SELECT e.user_id, e.token_hash FROM userdir.migration_tickets e WHERE e.expires_at < now() LIMIT 100 FOR UPDATE SKIP LOCKED) old
   WHERE t.user_id = old.user_id AND t.token_hash = old.token_hash;
  INSERT INTO userdir.migration_tickets (user_id, token_hash, connection, login, options, expires_at)
    VALUES (future_id, hash, c.name, _create_migration_ticket.login, jsonb_strip_nulls(_create_migration_ticket.options), now() + lifetime);
  RETURN token;
END
$$;
COMMENT ON FUNCTION userdir._create_migration_ticket(record, jsonb, text, integer, jsonb) IS
'Makes a ticket for a change of the password of somebody whom the custom database of a connection knows, and who is not here yet, and returns its token; earlier ones become void. fresh: what _custom_profile() returned.';

CREATE FUNCTION userdir._request_custom_change(c record, name text, request jsonb, ttl_sec integer, options jsonb, OUT token text, OUT is_logged boolean)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  mode text := userdir._custom_mode(c.options);
  read record;
  here record;
BEGIN
  is_logged := false;
  IF mode = 'off' THEN
    RETURN;
  END IF;
  read := userdir._read_custom(c, userdir._ask_custom(c, 'get_user', name, NULL, NULL, NULL, NULL, request));
  IF read.code IS NOT NULL THEN
    PERFORM userdir._refuse_custom(c, 'fcpr', NULL, name, request, read);
    is_logged := true;
  ELSIF read.fresh IS NOT NULL THEN
    here := userdir._find_identity(read.fresh ->> 'user_id');
    -- Whoever is here has the names that are here; in mode legacy, those that the custom database has meanwhile.
    IF here.user_id IS NULL OR mode = 'legacy' AND here.connection = c.name THEN
      token := userdir._create_migration_ticket(c, read.fresh, name, ttl_sec, options);
    END IF;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._request_custom_change(record, text, jsonb, integer, jsonb) IS
'Makes a ticket for somebody who is not known here by this name, when the custom database of the connection knows it.

Result: the token, null when there is none, and whether the reason is logged already.';

CREATE FUNCTION userdir._find_migration_ticket(token userdir.secret, OUT user_id text, OUT token_hash bytea, OUT connection text, OUT login text, OUT options jsonb)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  read record := userdir._read_ticket(token);
  of_user text := userdir._token_user(read.user_part);
BEGIN
  SELECT t.user_id, t.token_hash, t.connection, t.login, t.options
    INTO _find_migration_ticket.user_id, _find_migration_ticket.token_hash, _find_migration_ticket.connection, _find_migration_ticket.login, _find_migration_ticket.options
    FROM userdir.migration_tickets t
   WHERE t.user_id = of_user AND t.token_hash = read.token_hash AND t.expires_at > clock_timestamp();
END
$$;
COMMENT ON FUNCTION userdir._find_migration_ticket(userdir.secret) IS 'Finds a ticket of somebody who is not here yet; nulls when there is none that is good.';

CREATE FUNCTION userdir._lock_migrant(c record, ticket record) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  here record := userdir._find_identity(ticket.user_id);
BEGIN
  -- Locks as those of _store_password() are.
  IF here.user_id IS NOT NULL THEN
    PERFORM userdir._forgive_attempts(userdir._database_identity(here.user_id, c.name));
    PERFORM FROM userdir.users u WHERE u.user_id = here.user_id FOR NO KEY UPDATE;
    IF userdir._custom_mode(c.options) = 'import' AND (userdir._find_login(ticket.login, c.name)).user_id IS DISTINCT FROM here.user_id THEN
      RETURN 'This ticket was made for another e-mail address.';
    END IF;
  END IF;
  DELETE FROM userdir.migration_tickets t WHERE t.user_id = ticket.user_id AND t.token_hash = ticket.token_hash;
  RETURN CASE WHEN NOT FOUND THEN 'This ticket was used already, replaced by a later one, or never given out.' END;
END
$$;
COMMENT ON FUNCTION userdir._lock_migrant(record, record) IS
'Uses a ticket of _find_migration_ticket(); whoever has become a user since stays locked.

Result: null, or why the ticket is of no use any more.';

CREATE FUNCTION userdir._judge_migrant_password(c record, fresh jsonb, login text, password userdir.secret, request jsonb, OUT outcome text, OUT description text, OUT report jsonb)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  breach record := userdir._meet_breached_password('pre-change-password', password);
BEGIN
  IF breach.breached THEN
    PERFORM userdir._write_log('reset_pwd_leak', 'The new password is known from a data breach.', c, NULL, login, request,
                               jsonb_build_object('blocked', breach.block, 'notify_admin', breach.notify_admin));
  END IF;
  report := userdir._password_rejection(userdir._check_password_policy(c.name, fresh - '{identities,attributes,app_metadata}'::text[], password));
  IF report IS NOT NULL THEN
    outcome := report ->> 'code';
    description := report ->> 'message';
    PERFORM userdir._write_log('fcp', description, c, NULL, login, request);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._judge_migrant_password(record, jsonb, text, userdir.secret, jsonb) IS
'Judges the password that somebody who is not here yet has chosen, and logs it when it is refused: then the outcome is what the policy says.';

CREATE FUNCTION userdir._place_migrant_password(c record, fresh jsonb, login text, password userdir.secret, request jsonb,
    OUT user_id text, OUT action text, OUT function text, OUT code text, OUT message text, OUT detail text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  made record;
  identity record;
BEGIN
  IF userdir._custom_mode(c.options) = 'legacy' THEN
    PERFORM userdir._upsert_normalized(c, fresh);
    user_id := (userdir._find_identity(fresh ->> 'user_id')).user_id;
    SELECT t.* INTO action, function, code, message, detail
      FROM userdir._change_custom_password(c, userdir._database_identity(user_id, c.name), password, request) t;
    RETURN;
  END IF;

  made := userdir._import_user(c, fresh, password);
  user_id := made.user_id;
  -- Somebody may have become a user since, with the old password.
  IF NOT made.is_new THEN
    identity := userdir._database_identity(user_id, c.name);
    PERFORM userdir._store_password(identity, userdir._hash_password(password), userdir._password_history_size(c.options));
  END IF;
  PERFORM userdir._note_password_reset(made.user_id, clock_timestamp());
  -- The ticket was mailed there.
  UPDATE userdir.users u SET email_verified = true
   WHERE u.user_id = made.user_id AND u.email = lower(login COLLATE "C") AND u.email_verified IS DISTINCT FROM true;
END
$$;
COMMENT ON FUNCTION userdir._place_migrant_password(record, jsonb, text, userdir.secret, jsonb) IS
'Gives somebody whom a custom database knows a new password: here, where that creates the user, or, in mode legacy, there.

Result: the user; or what stands against it, as in _ask_custom().
Errors: as in _import_user().';

CREATE FUNCTION userdir._reset_migrant(ticket userdir.secret, password userdir.secret, context jsonb,
    OUT outcome text, OUT description text, OUT user_id text, OUT report jsonb, OUT options jsonb)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  known record := userdir._find_migration_ticket(ticket);
  c record;
  request jsonb;
  read record;
  placed record;
BEGIN
  IF known.user_id IS NULL THEN
    RETURN;
  END IF;
  c := userdir._find_connection(known.connection);
  request := userdir._login_request(known.options ->> 'client_id', NULL, NULL, context);
  read := userdir._read_custom(c, userdir._ask_custom(c, 'get_user', known.login, NULL, NULL, NULL, NULL, request));
  IF read.code IS NULL AND read.fresh ->> 'user_id' IS DISTINCT FROM known.user_id THEN
    outcome := 'invalid_ticket';
    description := 'This ticket was made for an account that is gone.';
    PERFORM userdir._write_log('fcp', description, c, NULL, known.login, request);
    RETURN;
  ELSIF read.code IS NULL THEN
    SELECT j.* INTO outcome, description, report FROM userdir._judge_migrant_password(c, read.fresh, known.login, password, request) j;
  ELSE
    SELECT r.* INTO outcome, description FROM userdir._refuse_custom(c, 'fcp', NULL, known.login, request, read) r;
  END IF;
  IF outcome IS NOT NULL THEN
    RETURN;
  END IF;

  BEGIN
    description := userdir._lock_migrant(c, known);
    IF description IS NOT NULL THEN
      outcome := 'invalid_ticket';
      PERFORM userdir._write_log('fcp', description, c, NULL, known.login, request);
      RETURN;
    END IF;
    placed := userdir._place_migrant_password(c, read.fresh, known.login, password, request);
    IF placed.code IS NOT NULL THEN
      RAISE EXCEPTION 'not changed' USING ERRCODE = 'UD063';
    END IF;
    outcome := 'success';
  EXCEPTION
    -- The ticket is as good as before, and nobody has become a user.
    WHEN SQLSTATE 'UD063' THEN
      SELECT r.* INTO outcome, description FROM userdir._refuse_custom(c, 'fcp', NULL, known.login, request, placed) r;
    WHEN SQLSTATE 'UD003' OR SQLSTATE 'UD005' OR SQLSTATE 'UD007' OR unique_violation OR data_exception OR program_limit_exceeded THEN
      read.code := sqlstate;
      read.message := sqlerrm;
      SELECT r.* INTO outcome, description FROM userdir._refuse_custom(c, 'fcp', NULL, known.login, request, read) r;
  END;
  IF outcome = 'success' THEN
    user_id := placed.user_id;
    options := known.options;
    PERFORM userdir._write_log('scp', 'The password was changed.', c, user_id, known.login, request);
    PERFORM userdir._after_rules('post_change_password', user_id, c, request, known.login, 'fcph');
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._reset_migrant(userdir.secret, userdir.secret, jsonb) IS
'What reset_password() does for somebody whom a custom database knows and who is not here yet.

Result: as there; no outcome when there is no such ticket.';

-- Addresses.

CREATE FUNCTION userdir._verify_in_custom(c record, ticket record, request jsonb, OUT message text, OUT is_logged boolean)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  asked record;
BEGIN
  is_logged := false;
  IF NOT userdir._is_external_database(c.options) THEN
    RETURN;
  END IF;
  asked := userdir._ask_custom(c, 'verify', ticket.email, NULL, NULL, NULL, NULL, request);
  IF asked.code IS NOT NULL THEN
    message := (userdir._refuse_custom(c, 'fv', ticket.user_id, ticket.email, request, asked)).description;
    is_logged := true;
  ELSIF asked.answer IS DISTINCT FROM 'true' THEN
    message := 'The e-mail address was not verified.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._verify_in_custom(record, record, jsonb) IS
'Lets the custom database of a connection in mode legacy verify an address. ticket: a row of _find_ticket().

Result: null, or why it is not verified, and whether that is logged already.';

CREATE FUNCTION userdir._change_custom_email(c record, identity record, changes jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found record := userdir._find_same_in_custom(c, identity, '{}');
  new_email text := coalesce(changes ->> 'email', identity.email);
  asked record;
BEGIN
  IF found.code IS NULL THEN
    asked := userdir._ask_custom(c, 'change_email', identity.email, NULL, NULL, new_email,
               coalesce((changes ->> 'email_verified')::boolean, new_email = identity.email AND (found.fresh ->> 'email_verified')::boolean, false), '{}');
    IF asked.code IS NULL AND asked.answer IS DISTINCT FROM 'true' THEN
      asked.code := 'UD063';
      asked.message := 'the answer is that the address was not changed';
    END IF;
    found := asked;
  END IF;
  IF found.code IS NOT NULL THEN
    PERFORM userdir._raise_custom(c, found);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._change_custom_email(record, record, jsonb) IS
'Changes the address of a user, or whether it is verified, in the custom database of a connection in mode legacy; raises what _raise_custom() raises.

identity: a row of _database_identity(). changes: those of update_user().';

CREATE FUNCTION userdir._require_free_in_custom(c record, of_user text, name text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  read record := userdir._read_custom(c, userdir._ask_custom(c, 'get_user', name, NULL, NULL, NULL, NULL, '{}'));
BEGIN
  IF read.code IS NOT NULL THEN
    PERFORM userdir._raise_custom(c, read);
  ELSIF read.fresh ->> 'user_id' <> of_user THEN
    RAISE EXCEPTION 'the user already exists' USING ERRCODE = 'unique_violation',
      DETAIL = format('The custom database of connection "%s" has another user of this name.', c.name);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._require_free_in_custom(record, text, text) IS
'Raises 23505 when the custom database of a connection has another user, who may still come here, by a name. of_user: provider|id of the one who is to have it.';

CREATE FUNCTION userdir._tell_custom_database(c record, target record, current_email text, changes jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  mode text := CASE c.kind WHEN 'database' THEN userdir._custom_mode(c.options) ELSE 'off' END;
  identity record;
BEGIN
  IF mode = 'legacy' AND changes ?| '{email,email_verified}' THEN
    SELECT target.user_id, target.provider, target.provider_user_id, current_email AS email, c.name AS connection INTO identity;
    PERFORM userdir._change_custom_email(c, identity, changes);
  ELSIF mode = 'import' AND changes ->> 'email' IS DISTINCT FROM coalesce(current_email, '') AND changes ->> 'email' IS NOT NULL THEN
    PERFORM userdir._require_free_in_custom(c, target.provider || '|' || target.provider_user_id, changes ->> 'email');
  END IF;
  IF mode = 'import' AND changes ->> 'username' IS NOT NULL THEN
    PERFORM userdir._require_free_in_custom(c, target.provider || '|' || target.provider_user_id, changes ->> 'username');
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._tell_custom_database(record, record, text, jsonb) IS
'What update_user() does with the custom database of a connection: in mode legacy it changes the address, in mode import a name that another user has there is not free.

target: a row of userdir.identities. current_email: its address. changes: as in update_user(), checked.
Errors: 23505; what _raise_custom() raises.';

-- Deleting.

CREATE FUNCTION userdir._delete_in_custom(connection text, id text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record := userdir._find_connection(connection);
  asked record := userdir._ask_custom(c, 'delete', id, NULL, NULL, NULL, NULL, '{}');
BEGIN
  IF asked.code IS NULL AND asked.answer = 'false' THEN
    asked.code := 'UD063';
    asked.message := 'the answer is that the user was not deleted';
  END IF;
  IF asked.code IS NOT NULL THEN
    PERFORM userdir._raise_custom(c, asked);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._delete_in_custom(text, text) IS
'Deletes a user in the custom database of a connection in mode legacy, by the id that the user has there; raises what _raise_custom() raises.';

CREATE FUNCTION userdir._custom_identities(of_user text, OUT connections text[], OUT ids text[])
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  SELECT coalesce(array_agg(i.connection ORDER BY i.is_primary DESC, i.provider_user_id), '{}'), coalesce(array_agg(i.provider_user_id ORDER BY i.is_primary DESC, i.provider_user_id), '{}')
    INTO connections, ids
    FROM userdir.identities i JOIN userdir.connections c ON c.name = i.connection
   WHERE i.user_id = of_user AND userdir._strategy_kind(c.strategy) = 'database' AND userdir._is_external_database(c.options);
END
$$;
COMMENT ON FUNCTION userdir._custom_identities(text) IS 'Lists the identities of a user that live in custom databases of connections in mode legacy.';
