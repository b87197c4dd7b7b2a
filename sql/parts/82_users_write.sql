-- Users: creating, changing and deleting them.

CREATE FUNCTION userdir._check_user_columns(name text, given_name text, family_name text, nickname text, picture text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF length(name) NOT BETWEEN 1 AND 300 THEN
    RAISE EXCEPTION 'name must have 1 to 300 characters' USING ERRCODE = 'UD004';
  ELSIF length(given_name) NOT BETWEEN 1 AND 150 THEN
    RAISE EXCEPTION 'given_name must have 1 to 150 characters' USING ERRCODE = 'UD004';
  ELSIF length(family_name) NOT BETWEEN 1 AND 150 THEN
    RAISE EXCEPTION 'family_name must have 1 to 150 characters' USING ERRCODE = 'UD004';
  ELSIF length(nickname) NOT BETWEEN 1 AND 300 THEN
    RAISE EXCEPTION 'nickname must have 1 to 300 characters' USING ERRCODE = 'UD004';
  ELSIF picture IS NOT NULL THEN
    PERFORM userdir._check_picture(picture);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_user_columns(text, text, text, text, text) IS
'Raises UD004 unless these values, where not null, are what a caller may set.';

CREATE FUNCTION userdir._check_user_body(body jsonb, known text[], nullable boolean) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  property record;
  wanted text;
BEGIN
  IF body IS NULL OR jsonb_typeof(body) <> 'object' THEN
    RAISE EXCEPTION 'a user must be a JSON object' USING ERRCODE = 'UD004';
  ELSIF body ? 'password' THEN
    RAISE EXCEPTION 'a password is not part of a user''s body'
      USING ERRCODE = 'UD006', HINT = 'A JSON document is logged and kept in plans as it is; a password is an argument of its own: see create_user(connection, profile, password) and set_password().';
  END IF;

  FOR property IN SELECT key, jsonb_typeof(value) AS type FROM jsonb_each(body) LOOP
    IF property.key <> ALL (known) THEN
      RAISE EXCEPTION 'property "%" is not one that can be set', left(property.key, 64)
        USING ERRCODE = 'UD004', HINT = format('These can: %s.', array_to_string(known, ', '));
    END IF;
    wanted := CASE
      WHEN property.key IN ('user_metadata', 'app_metadata') THEN 'object'
      WHEN property.key IN ('blocked', 'email_verified', 'phone_verified', 'verify_email', 'verify_phone_number') THEN 'boolean'
      ELSE 'string' END;
    IF property.type <> wanted AND NOT (nullable AND property.type = 'null') THEN
      RAISE EXCEPTION 'property "%" must be of type %, not %', property.key, wanted, property.type
        USING ERRCODE = 'UD004';
    END IF;
  END LOOP;

  PERFORM userdir._check_user_columns(body ->> 'name', body ->> 'given_name', body ->> 'family_name',
                                      body ->> 'nickname', body ->> 'picture');
END
$$;
COMMENT ON FUNCTION userdir._check_user_body(jsonb, text[], boolean) IS
'Raises UD004 unless body is an object whose properties are known and of the right type and length, UD006 when it carries a password.';

CREATE FUNCTION userdir._requires_username(options jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT coalesce(options OPERATOR(pg_catalog.->) 'requires_username' OPERATOR(pg_catalog.=) 'true', false)
$$;
COMMENT ON FUNCTION userdir._requires_username(jsonb) IS 'Tells whether users of a connection have user names.';

CREATE FUNCTION userdir._check_identifiers(kind text, options jsonb, strategy text, body jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  lengths jsonb := CASE WHEN jsonb_typeof(options #> '{validation,username}') = 'object' THEN options #> '{validation,username}' ELSE '{}' END;
BEGIN
  IF body ->> 'email' IS NOT NULL THEN
    PERFORM userdir._check_email(body ->> 'email');
    IF kind = 'database' THEN
      body := jsonb_set(body, '{email}', to_jsonb(lower(body ->> 'email' COLLATE "C")));
    END IF;
  END IF;
  IF body ->> 'username' IS NOT NULL THEN
    IF NOT userdir._requires_username(options) THEN
      RAISE EXCEPTION 'this connection''s users have no username'
        USING ERRCODE = 'UD006', HINT = 'Set the option requires_username of the connection to true.';
    END IF;
    body := jsonb_set(body, '{username}', to_jsonb(lower(body ->> 'username' COLLATE "C")));
    PERFORM userdir._check_username(body ->> 'username', coalesce((lengths ->> 'min')::integer, 1), coalesce((lengths ->> 'max')::integer, 15));
  END IF;
  IF body ->> 'phone_number' IS NOT NULL THEN
    PERFORM userdir._check_phone_number(body ->> 'phone_number');
  END IF;
  RETURN body;
END
$$;
COMMENT ON FUNCTION userdir._check_identifiers(text, jsonb, text, jsonb) IS
'Returns body with its email and username as the connection stores them; raises UD004 when an identifier is malformed, UD006 when the connection has no such identifier.';

CREATE FUNCTION userdir._identifier_rows(kind text, connection text, profile jsonb)
  RETURNS TABLE (value text, identifier_kind text, scope text)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 3
AS $$
  SELECT i.value, i.identifier_kind, connection
    FROM (VALUES (pg_catalog.lower((profile OPERATOR(pg_catalog.->>) 'email') COLLATE pg_catalog."C"), 'email'),
                 (pg_catalog.lower((profile OPERATOR(pg_catalog.->>) 'username') COLLATE pg_catalog."C"), 'username'),
                 (profile OPERATOR(pg_catalog.->>) 'phone_number', 'phone_number')) AS i (value, identifier_kind)
   WHERE i.value IS NOT NULL AND kind OPERATOR(pg_catalog.=) ANY ('{database,passwordless}'::pg_catalog.text[])
$$;
COMMENT ON FUNCTION userdir._identifier_rows(text, text, jsonb) IS
'Returns the names by which a login on a connection of this kind finds a profile. Where the provider says who somebody is, an e-mail address is not such a name: two accounts may share one.';

CREATE FUNCTION userdir._raise_trigger_interfered(of_user text, skipped boolean) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF skipped THEN
    RAISE EXCEPTION 'a trigger on userdir.users kept user "%" from being written', left(of_user, 255)
      USING ERRCODE = 'triggered_data_change_violation', DETAIL = 'A BEFORE trigger has returned null.',
            HINT = 'A trigger that refuses a user raises an exception that says why.';
  END IF;
  RAISE EXCEPTION 'a trigger on userdir.users changed an identifier of user "%"', left(of_user, 255)
    USING ERRCODE = 'triggered_data_change_violation',
          DETAIL = 'user_id, email, username, phone_number and identities belong to the directory: logins look them up elsewhere.',
          HINT = 'A trigger may change the other columns, or raise an exception.';
END
$$;
COMMENT ON FUNCTION userdir._raise_trigger_interfered(text, boolean) IS
'Raises 27000 because of what a trigger of the application has done to a row: skipped it, or changed what only functions may change.';

CREATE FUNCTION userdir._insert_user(kind text, profile jsonb) RETURNS text[]
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  new_id text := profile ->> 'user_id';
  identity jsonb := profile #> '{identities,0}';
  scope text := identity ->> 'connection';
  inserted boolean;
  kept boolean;
  taken text[];
BEGIN
  -- Until the end of the transaction nobody deletes the connection under its new user.
  PERFORM FROM userdir.connections c WHERE c.name = scope FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'connection "%" does not exist', scope
      USING ERRCODE = 'UD008', HINT = 'Roles with the bundle admin find its name by userdir.list_connections().';
  END IF;

  SELECT array_agg(DISTINCT n.kind) INTO taken
    FROM (SELECT new_id, 'identity', '' UNION ALL SELECT * FROM userdir._identifier_rows(kind, scope, profile)) w (value, kind, scope)
    JOIN userdir.identifiers n ON n.value = w.value AND n.kind = w.kind AND n.connection = w.scope;
  IF taken IS NOT NULL THEN
    RETURN taken;
  END IF;

  -- One statement, so that triggers on users find the identity and foreign keys find the user.
  -- Somebody else may have taken a name since; those who then waited for them insert one row less.
  WITH new_user AS (
    INSERT INTO userdir.users (user_id, email, email_verified, username, phone_number, phone_verified, name,
                               given_name, family_name, nickname, picture, blocked, identities,
                               user_metadata, app_metadata, attributes)
    VALUES (new_id, profile ->> 'email', (profile ->> 'email_verified')::boolean, profile ->> 'username',
            profile ->> 'phone_number', (profile ->> 'phone_verified')::boolean, profile ->> 'name',
            profile ->> 'given_name', profile ->> 'family_name', profile ->> 'nickname', profile ->> 'picture',
            (profile ->> 'blocked')::boolean, profile -> 'identities',
            profile -> 'user_metadata', profile -> 'app_metadata', profile -> 'attributes')
    -- A unique index of the application's own raises its own error.
    ON CONFLICT (user_id) DO NOTHING
    RETURNING users.user_id, users.email, users.username, users.phone_number, users.identities
  ), new_identity AS (
    INSERT INTO userdir.identities (user_id, provider, provider_user_id, connection, is_primary, is_social)
    SELECT u.user_id, identity ->> 'provider', identity ->> 'user_id', scope, true, (identity ->> 'isSocial')::boolean
      FROM new_user u
  ), new_identifiers AS (
    INSERT INTO userdir.identifiers (value, kind, connection, user_id, provider, provider_user_id)
    SELECT w.value, w.kind, w.scope, u.user_id, identity ->> 'provider', identity ->> 'user_id'
      FROM new_user u,
           (SELECT new_id, 'identity', '' UNION ALL SELECT * FROM userdir._identifier_rows(kind, scope, profile)) w (value, kind, scope)
    ON CONFLICT DO NOTHING
    RETURNING identifiers.kind
  )
  SELECT EXISTS (SELECT FROM new_user),
         (SELECT (u.user_id, u.email, u.username, u.phone_number, u.identities) IS NOT DISTINCT FROM
                 (new_id, profile ->> 'email', profile ->> 'username', profile ->> 'phone_number', profile -> 'identities') FROM new_user u),
         ARRAY(SELECT r.identifier_kind FROM userdir._identifier_rows(kind, scope, profile) r
                UNION ALL SELECT 'identity'
               EXCEPT SELECT n.kind FROM new_identifiers n)
    INTO inserted, kept, taken;
  IF NOT kept THEN
    PERFORM userdir._raise_trigger_interfered(new_id, false);
  ELSIF NOT inserted AND NOT EXISTS (SELECT FROM userdir.users u WHERE u.user_id = new_id) THEN
    PERFORM userdir._raise_trigger_interfered(new_id, true);
  END IF;
  RETURN CASE WHEN inserted THEN taken ELSE '{identity}' END;
END
$$;
COMMENT ON FUNCTION userdir._insert_user(text, jsonb) IS
'Inserts a user with its identity and identifiers.

kind: that of the connection. profile: in the model''s shape, with exactly one identity.
Result: the kinds of identifiers that another user has already; empty when the user was inserted. The caller raises when it is not.
Errors: UD008 when the connection was deleted meanwhile; 27000 when a trigger has skipped the row or changed its identifiers.';

CREATE FUNCTION userdir._renew_identities(user_ids text[]) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stale text;
BEGIN
  UPDATE userdir.users u
     SET identities = userdir._identities_json(u.user_id)
   WHERE u.user_id = ANY (user_ids)
     AND u.identities IS DISTINCT FROM userdir._identities_json(u.user_id);
  SELECT u.user_id INTO stale FROM userdir.users u
   WHERE u.user_id = ANY (user_ids) AND u.identities IS DISTINCT FROM userdir._identities_json(u.user_id) LIMIT 1;
  IF FOUND THEN
    PERFORM userdir._raise_trigger_interfered(stale, true);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._renew_identities(text[]) IS
'Writes what the table identities says of some users into users.identities; called after every change of that table.';

CREATE FUNCTION userdir._raise_user_exists(taken text[], connection text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'the user already exists'
    USING ERRCODE = 'unique_violation',
          DETAIL = CASE WHEN 'identity' = ANY (taken) THEN 'Another user has this user_id.'
                        ELSE format('Another user of connection "%s" has this %s.', connection, taken[1]) END;
END
$$;
COMMENT ON FUNCTION userdir._raise_user_exists(text[], text) IS 'Raises 23505 for a user whose identifiers are taken.';

CREATE FUNCTION userdir._new_user(c record, profile jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  body jsonb := userdir._check_identifiers(c.kind, c.options, c.strategy, profile);
  id_part text := body ->> 'user_id';
BEGIN
  IF c.strategy = 'sms' AND NOT body ? 'phone_number' THEN
    RAISE EXCEPTION 'property "phone_number" is required by connection "%"', c.name USING ERRCODE = 'UD004';
  ELSIF (c.kind = 'database' OR c.strategy = 'email') AND NOT body ? 'email' THEN
    RAISE EXCEPTION 'property "email" is required by connection "%"', c.name USING ERRCODE = 'UD004';
  ELSIF c.kind = 'database' AND userdir._requires_username(c.options) AND NOT body ? 'username' THEN
    RAISE EXCEPTION 'property "username" is required by connection "%"', c.name USING ERRCODE = 'UD004';
  END IF;

  IF id_part IS NOT NULL THEN
    PERFORM userdir._check_user_id_part(id_part);
  ELSIF c.kind IN ('database', 'passwordless') THEN
    id_part := userdir._new_object_id();
  ELSE
    RAISE EXCEPTION 'property "user_id" is required by connection "%"', c.name
      USING ERRCODE = 'UD004', HINT = 'It is what follows the first bar of the user_id that a login will bring.';
  END IF;

  RETURN jsonb_strip_nulls(jsonb_build_object(
            'name', coalesce(body ->> 'email', body ->> 'phone_number'),
            'nickname', coalesce(userdir.default_nickname(body ->> 'email'), body ->> 'username', body ->> 'phone_number'),
            'picture', userdir.default_picture(body ->> 'email', c.strategy),
            'email_verified', CASE WHEN body ? 'email' THEN false END,
            'phone_verified', CASE WHEN body ? 'phone_number' THEN false END))
          || (body - '{connection,verify_email}'::text[])
          || jsonb_build_object('user_id', c.provider || '|' || id_part,
               'identities', jsonb_build_array(jsonb_build_object('connection', c.name, 'provider', c.provider,
                                                                  'user_id', id_part, 'isSocial', c.kind = 'social')));
END
$$;
COMMENT ON FUNCTION userdir._new_user(record, jsonb) IS
'Returns the profile of a new user, as _insert_user() takes it.

c: a row of _find_connection(). profile: as in create_user(), its properties checked.
Errors: UD004 for an identifier that is missing or malformed; UD006 for one that the connection''s users do not have.';

CREATE FUNCTION userdir._check_new_user(c record, profile jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM userdir._check_user_body(profile, '{connection,email,email_verified,phone_number,phone_verified,username,user_id,name,given_name,family_name,nickname,picture,blocked,verify_email,user_metadata,app_metadata}', false);
  IF profile ->> 'connection' NOT IN (c.name, c.id) THEN
    RAISE EXCEPTION 'property "connection" names another connection than the argument' USING ERRCODE = 'UD004';
  END IF;
  IF c.kind NOT IN ('database', 'passwordless') AND c.options ->> 'set_user_root_attributes' IS DISTINCT FROM 'never_on_login' THEN
    RAISE EXCEPTION 'users of connection "%" are created when they log in', c.name
      USING ERRCODE = 'UD006',
            HINT = 'Use userdir.upsert_from_connection(), or set the option set_user_root_attributes to never_on_login to provision users.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_new_user(record, jsonb) IS
'Raises UD004 and UD006 unless profile is one of a user whom an administrator may create in a connection. c: a row of _find_connection().';

CREATE FUNCTION userdir._create_user(connection text, profile jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record := userdir._find_connection(connection);
  body jsonb;
  taken text[];
BEGIN
  PERFORM userdir._check_new_user(c, profile);
  body := userdir._new_user(c, profile);
  IF c.kind = 'database' AND userdir._custom_mode(c.options) = 'import' THEN
    PERFORM userdir._require_absent_in_custom(c, body);
  END IF;
  taken := userdir._insert_user(c.kind, body);
  IF taken <> '{}' THEN
    PERFORM userdir._raise_user_exists(taken, c.name);
  END IF;
  RETURN userdir._users_json(ARRAY[body ->> 'user_id']) -> 0;
END
$$;
COMMENT ON FUNCTION userdir._create_user(text, jsonb) IS 'Body of create_user().';

CREATE FUNCTION userdir.create_user(connection text, profile jsonb) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.create_user(text, jsonb) IS
'Creates a user of a database or passwordless connection, or provisions one of a connection whose users are never created by a login.

connection: its name or id. profile: an object with any of email, email_verified, phone_number, phone_verified, username, user_id (the part after the bar, up to 255 characters without white space), name, given_name, family_name, nickname, picture, blocked, user_metadata, app_metadata. A database connection requires email, and username if its option requires_username is set; e-mail and user name are stored in lower case there. email requires email, sms phone_number. verify_email is accepted; userdir sends no mail.
Result: the user in the model''s shape. name defaults to the e-mail, nickname to its local part, picture to its Gravatar, user_id to 24 hexadecimal digits.
Errors: UD004 for a property that is missing, unknown, malformed or too long; UD005 and 54000 for metadata; UD006 when the connection does not take it; UD008 for an unknown connection; 23505 when the user_id exists anywhere, or the e-mail, user name or phone number in this connection, or in the custom database that its users come from; UD063, UD064 and UD067 when that did not answer; 27000 when a trigger of the application has skipped the row or changed its identifiers; and whatever such a trigger raises.';

CREATE FUNCTION userdir._delete_user(user_id text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  custom record := userdir._custom_identities(user_id);
BEGIN
  DELETE FROM userdir.users u WHERE u.user_id = _delete_user.user_id;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  -- Last of all: what they delete may be gone for good.
  PERFORM userdir._delete_in_custom(i.connection, i.id) FROM unnest(custom.connections, custom.ids) AS i (connection, id);
  RETURN true;
END
$$;
COMMENT ON FUNCTION userdir._delete_user(text) IS 'Body of delete_user().';

CREATE FUNCTION userdir.delete_user(user_id text) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.delete_user(text) IS
'Deletes a user with everything in the directory that belongs to it, linked identities included.

Where a connection keeps its users in a custom database, in mode legacy, its action delete deletes the user there as well; in mode import the user stays there, and may come here again.
Result: true, or false when nothing was deleted, which is no error: there was no such user, or a BEFORE DELETE trigger of the application kept it by returning null.
Errors: UD063, UD064 and UD067 when the custom database did not delete the user, then nothing is deleted; 23503 when rows of the application refer to the user without ON DELETE CASCADE.';
