-- Tickets: one-time tokens that are sent to a user by e-mail.

CREATE FUNCTION userdir._new_token(user_id text) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- The user's key is inside, so that the token's row is found by its primary key.
  RETURN translate(encode(convert_to(user_id, 'UTF8'), 'base64'), E'+/=\n', '-_') || '.'
         || translate(encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'base64'), E'+/=\n', '-_');
END
$$;
COMMENT ON FUNCTION userdir._new_token(text) IS
'Returns a new token for a user: the user_id, a dot, and 244 random bits of the server''s strong random numbers, both in base64url.';

CREATE FUNCTION userdir._read_ticket(ticket userdir.secret, OUT user_part text, OUT token_hash bytea)
  LANGUAGE c IMMUTABLE PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__read_ticket';
COMMENT ON FUNCTION userdir._read_ticket(userdir.secret) IS
'Takes a ticket apart: what stands before its dot, and the SHA-256 of the whole.';

CREATE FUNCTION userdir._token_user(user_part text) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  part text := translate(user_part, '-_', '+/');
BEGIN
  RETURN convert_from(decode(rpad(part, (length(part) + 3) / 4 * 4, '='), 'base64'), 'UTF8');
EXCEPTION WHEN data_exception OR character_not_in_repertoire OR untranslatable_character THEN
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION userdir._token_user(text) IS 'Returns the user_id inside the part of a token that names its user; null for what is none.';

CREATE FUNCTION userdir._raise_unknown_user(of_user text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'the user does not exist' USING ERRCODE = 'UD007', DETAIL = coalesce('user_id: "' || left(of_user, 255) || '".', 'The user_id is null.');
END
$$;
COMMENT ON FUNCTION userdir._raise_unknown_user(text) IS 'Raises UD007.';

CREATE FUNCTION userdir._database_identity(of_user text, of_connection text,
    OUT user_id text, OUT provider text, OUT provider_user_id text, OUT is_primary boolean, OUT email text, OUT connection text)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  SELECT i.user_id, i.provider, i.provider_user_id, i.is_primary, CASE WHEN i.is_primary THEN u.email ELSE i.profile_data ->> 'email' END, i.connection
    INTO _database_identity.user_id, _database_identity.provider, _database_identity.provider_user_id, _database_identity.is_primary,
         _database_identity.email, _database_identity.connection
    FROM userdir.users u
    JOIN userdir.identities i ON i.user_id = u.user_id
    JOIN userdir.connections c ON c.name = i.connection
   WHERE u.user_id = of_user AND userdir._strategy_kind(c.strategy) = 'database' AND (of_connection IS NULL OR of_connection IN (c.name, c.id))
   ORDER BY i.is_primary DESC, i.created_at, i.provider_user_id LIMIT 1;
  IF FOUND THEN
    RETURN;
  ELSIF NOT EXISTS (SELECT FROM userdir.users u WHERE u.user_id = of_user) THEN
    PERFORM userdir._raise_unknown_user(of_user);
  ELSIF of_connection IS NULL THEN
    RAISE EXCEPTION 'the user has no identity of a database connection'
      USING ERRCODE = 'UD006', HINT = 'Passwords of social and enterprise users are kept by their provider.';
  END IF;
  PERFORM userdir._find_connection(of_connection);
  RAISE EXCEPTION 'the user has no identity of connection "%"', left(of_connection, 128) USING ERRCODE = 'UD006';
END
$$;
COMMENT ON FUNCTION userdir._database_identity(text, text) IS
'Returns the identity of a user that has, or can have, a password: that of a connection, or the first of a database connection, the primary one before others.

Errors: UD007 when there is no such user; UD006 when it has no such identity; UD008 when there is no such connection.';

CREATE FUNCTION userdir._ticket_lifetime(ttl_sec integer) RETURNS interval
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF ttl_sec < 0 OR ttl_sec > 31536000 THEN
    RAISE EXCEPTION 'ttl_sec must be between 0 and 31536000'
      USING ERRCODE = 'invalid_parameter_value', HINT = '0 stands for the default, 432000: five days.';
  END IF;
  RETURN coalesce(nullif(ttl_sec, 0), 432000) * interval '1 second';
END
$$;
COMMENT ON FUNCTION userdir._ticket_lifetime(integer) IS
'Returns how long a ticket is good, five days for 0 or null.

Errors: 22023 when that is not possible.';

CREATE FUNCTION userdir._check_result_url(url text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- It comes back to whoever takes the ticket, who sends a browser there. An application on a telephone has a scheme of its own.
  IF length(url) > 2048 OR url !~ '^[A-Za-z][A-Za-z0-9+.-]*:[^[:space:][:cntrl:]<>"]+$' OR url ~* '^(javascript|vbscript|data):' THEN
    RAISE EXCEPTION 'result_url must be a URL of up to 2048 characters'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'For example https://www.example.com/done. Its scheme must not be javascript, vbscript or data.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_result_url(text) IS 'Raises 22023 unless a text is a URL to which a browser can be sent, or null.';

CREATE FUNCTION userdir._create_ticket(identity record, purpose text, ttl_sec integer, options jsonb) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  lifetime interval := userdir._ticket_lifetime(ttl_sec);
  token text := userdir._new_token(identity.user_id);
  -- Not in the statement: the plan of a statement may be logged, with the values in it.
  hash bytea := sha256(convert_to(token, 'UTF8'));
BEGIN
  -- Of several tickets only the latest is good, also of two that are made at once.
  PERFORM FROM userdir.users u WHERE u.user_id = identity.user_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  DELETE FROM userdir.tickets t
   WHERE t.user_id = identity.user_id AND t.purpose = _create_ticket.purpose
     AND t.provider = identity.provider AND t.provider_user_id = identity.provider_user_id;
  IF purpose = 'password_change' THEN
    DELETE FROM userdir.migration_tickets t WHERE t.user_id = identity.provider || '|' || identity.provider_user_id;
  END IF;
  INSERT INTO userdir.tickets (user_id, token_hash, purpose, provider, provider_user_id, email, options, expires_at)
    VALUES (identity.user_id, hash, purpose, identity.provider, identity.provider_user_id, identity.email,
            jsonb_strip_nulls(options), now() + lifetime);
  RETURN token;
END
$$;
COMMENT ON FUNCTION userdir._create_ticket(record, text, integer, jsonb) IS
'Makes a ticket for an identity and returns its token, null when the user was deleted meanwhile; earlier ones of the same purpose become void.

identity: a row of _database_identity(). ttl_sec: its lifetime, 0 or null for five days.
Errors: 22023 for another lifetime.';

CREATE FUNCTION userdir._find_ticket(token userdir.secret, wanted text,
    OUT message text, OUT user_id text, OUT token_hash bytea, OUT provider text, OUT provider_user_id text, OUT email text, OUT options jsonb)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  read record := userdir._read_ticket(token);
  of_user text := userdir._token_user(read.user_part);
  ticket userdir.tickets;
  present record;
BEGIN
  SELECT t.* INTO ticket FROM userdir.tickets t
   WHERE t.user_id = of_user AND t.token_hash = read.token_hash AND t.purpose = wanted;
  IF NOT FOUND THEN
    message := 'This ticket was used already, replaced by a later one, or never given out.';
    RETURN;
  END IF;
  SELECT i.is_primary, CASE WHEN i.is_primary THEN u.email ELSE i.profile_data ->> 'email' END AS email INTO present
    FROM userdir.users u JOIN userdir.identities i ON i.user_id = u.user_id
   WHERE u.user_id = ticket.user_id AND i.provider = ticket.provider AND i.provider_user_id = ticket.provider_user_id;
  IF NOT FOUND THEN
    message := 'This ticket was made for an account that is gone.';
    RETURN;
  END IF;
  message := CASE WHEN ticket.expires_at <= clock_timestamp() THEN 'This ticket has expired.'
                  WHEN present.email IS DISTINCT FROM ticket.email THEN 'This ticket was made for another e-mail address.' END;
  user_id := ticket.user_id;
  token_hash := ticket.token_hash;
  provider := ticket.provider;
  provider_user_id := ticket.provider_user_id;
  email := ticket.email;
  options := ticket.options;
END
$$;
COMMENT ON FUNCTION userdir._find_ticket(userdir.secret, text) IS
'Finds a ticket of a purpose; it is good only after _take_ticket() has found it, too.

Result: message, why the ticket is of no use, null when it is good; then the ticket.';

CREATE FUNCTION userdir._take_ticket(token userdir.secret, wanted text) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  of_user text := userdir._token_user((userdir._read_ticket(token)).user_part);
  found record;
BEGIN
  -- With the user locked nobody else uses the ticket, makes another, or changes the address.
  PERFORM FROM userdir.users u WHERE u.user_id = of_user FOR NO KEY UPDATE;
  found := userdir._find_ticket(token, wanted);
  IF found.message IS NULL THEN
    DELETE FROM userdir.tickets t WHERE t.user_id = found.user_id AND t.token_hash = found.token_hash;
  END IF;
  RETURN found.message;
END
$$;
COMMENT ON FUNCTION userdir._take_ticket(userdir.secret, text) IS
'Uses a ticket that _find_ticket() has found; the user stays locked.

Result: null, or why the ticket is of no use any more.';

CREATE FUNCTION userdir._create_email_verification_ticket(user_id text, ttl_sec integer, result_url text, connection text, client_id text) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  identity record := userdir._database_identity(user_id, connection);
  token text;
BEGIN
  PERFORM userdir._check_result_url(result_url);
  IF identity.email IS NULL THEN
    RAISE EXCEPTION 'the user has no e-mail address' USING ERRCODE = 'UD006';
  END IF;
  token := userdir._create_ticket(identity, 'email_verification', ttl_sec, jsonb_build_object('result_url', result_url, 'client_id', client_id));
  IF token IS NULL THEN
    PERFORM userdir._raise_unknown_user(user_id);
  END IF;
  RETURN token;
END
$$;
COMMENT ON FUNCTION userdir._create_email_verification_ticket(text, integer, text, text, text) IS 'Body of create_email_verification_ticket().';

CREATE FUNCTION userdir.create_email_verification_ticket(user_id text, ttl_sec integer DEFAULT 432000, result_url text DEFAULT NULL,
    connection text DEFAULT NULL, client_id text DEFAULT NULL) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.create_email_verification_ticket(text, integer, text, text, text) IS
'Makes a ticket by which a user shows that an e-mail address is theirs; verify_email() takes it. userdir sends no mail: put the ticket into a link and send that.

user_id: the user. ttl_sec: how many seconds it is good for; null or 0: five days. result_url, client_id: kept with the ticket, for whoever takes it; the first is a URL of up to 2048 characters, for a browser that is sent there. connection: which identity is meant, null for the primary one.
Result: the ticket, good for one use; earlier ones for the same identity become void. Only its hash is stored.
Errors: UD007 when there is no such user; UD006 when it has no identity of a database connection, or no address; UD008 for an unknown connection; 22023 for a bad ttl_sec or result_url.';

CREATE FUNCTION userdir._create_password_change_ticket(user_id text, ttl_sec integer, result_url text, connection text, client_id text, mark_email_as_verified boolean) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  token text;
BEGIN
  PERFORM userdir._check_result_url(result_url);
  token := userdir._create_ticket(userdir._database_identity(user_id, connection), 'password_change', ttl_sec,
             jsonb_build_object('result_url', result_url, 'client_id', client_id, 'mark_email_as_verified', mark_email_as_verified));
  IF token IS NULL THEN
    PERFORM userdir._raise_unknown_user(user_id);
  END IF;
  RETURN token;
END
$$;
COMMENT ON FUNCTION userdir._create_password_change_ticket(text, integer, text, text, text, boolean) IS 'Body of create_password_change_ticket().';

CREATE FUNCTION userdir.create_password_change_ticket(user_id text, ttl_sec integer DEFAULT 432000, result_url text DEFAULT NULL,
    connection text DEFAULT NULL, client_id text DEFAULT NULL, mark_email_as_verified boolean DEFAULT false) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.create_password_change_ticket(text, integer, text, text, text, boolean) IS
'Makes a ticket by which whoever has it may choose a new password for a user; reset_password() takes it.

mark_email_as_verified: whether using it shows that the e-mail address is the user''s, as it does when the ticket was mailed there. The other arguments, the result and the errors are those of create_email_verification_ticket(), but an address is not needed.';

CREATE FUNCTION userdir._mark_email_verified(ticket record) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM userdir._update_user(ticket.user_id, jsonb_build_object('email_verified', true, 'connection', i.connection))
     FROM userdir.identities i
    WHERE i.user_id = ticket.user_id AND i.provider = ticket.provider AND i.provider_user_id = ticket.provider_user_id;
END
$$;
COMMENT ON FUNCTION userdir._mark_email_verified(record) IS 'Notes that the e-mail address of an identity is its user''s. ticket: a row of _find_ticket().';

CREATE FUNCTION userdir._verify_email(ticket userdir.secret, context jsonb, OUT success boolean, OUT message text, OUT user_id text, OUT email text, OUT options jsonb)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  taken record := userdir._find_ticket(ticket, 'email_verification');
  request jsonb := userdir._login_request(taken.options ->> 'client_id', NULL, NULL, context);
  c record := userdir._connection_of(taken.user_id, taken.provider, taken.provider_user_id);
  is_logged boolean := false;
BEGIN
  IF taken.message IS NULL THEN
    SELECT v.message, v.is_logged INTO taken.message, is_logged FROM userdir._verify_in_custom(c, taken, request) v;
  END IF;
  message := coalesce(taken.message, userdir._take_ticket(ticket, 'email_verification'));
  success := message IS NULL;
  message := coalesce(message, 'Your email was verified. You can continue using the application.');
  IF success THEN
    user_id := taken.user_id;
    email := taken.email;
    options := taken.options;
    -- Whether it is verified there, the custom database tells at the next login.
    IF NOT userdir._is_external_database(c.options) THEN
      PERFORM userdir._mark_email_verified(taken);
    END IF;
    PERFORM userdir._write_log('sv', message, c, user_id, email, request);
  ELSIF NOT is_logged THEN
    PERFORM userdir._write_log('fv', message, c, taken.user_id, taken.email, request);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._verify_email(userdir.secret, jsonb) IS 'Body of verify_email().';

CREATE FUNCTION userdir.verify_email(ticket userdir.secret, context jsonb DEFAULT '{}',
    OUT success boolean, OUT message text, OUT user_id text, OUT email text, OUT options jsonb)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.verify_email(userdir.secret, jsonb) IS
'Takes a ticket of create_email_verification_ticket() or signup(): the e-mail address is verified.

context: where the request comes from, as in login().
Result: one row: success; message, which can be shown to the user; and, when it was good, user_id, email and options, in which result_url and client_id are.
Errors: 22023 for a bad context; 54000 for a ticket of more than 4096 bytes.';
