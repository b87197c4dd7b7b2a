-- Users: the model's PATCH.

CREATE FUNCTION userdir._root_attributes() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT '{name,given_name,family_name,nickname,picture}'::pg_catalog.text[] $$;
COMMENT ON FUNCTION userdir._root_attributes() IS
'Lists the five root attributes that a provider may own.';

CREATE FUNCTION userdir._is_external_database(options jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT coalesce(options OPERATOR(pg_catalog.->) 'enabledDatabaseCustomization' OPERATOR(pg_catalog.=) 'true', false)
         AND coalesce(options OPERATOR(pg_catalog.->) 'import_mode' OPERATOR(pg_catalog.<>) 'true', true)
$$;
COMMENT ON FUNCTION userdir._is_external_database(jsonb) IS
'Tells whether a database connection keeps its users in a database of somebody else, so that only a cached profile is here.';

CREATE FUNCTION userdir._owns_root_attributes(kind text, options jsonb) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE WHEN kind = 'passwordless' OR kind = 'database' AND NOT userdir._is_external_database(options) THEN true
              ELSE coalesce(options ->> 'set_user_root_attributes', 'on_each_login') <> 'on_each_login' END;
END
$$;
COMMENT ON FUNCTION userdir._owns_root_attributes(text, jsonb) IS
'Tells whether the directory, rather than the provider at the next login, decides on the five root attributes.';

CREATE FUNCTION userdir._check_update_combination(changes jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF changes ?& '{username,email}' OR changes ?& '{username,email_verified}' THEN
    RAISE EXCEPTION 'username cannot be updated together with email or email_verified'
      USING ERRCODE = 'UD006', HINT = 'Make two calls.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_update_combination(jsonb) IS
'Raises UD006 for properties that must not be updated in one call.';

CREATE FUNCTION userdir._check_update_allowed(c record, is_primary boolean, changes jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  root_changes text[] := ARRAY(SELECT r FROM unnest(userdir._root_attributes()) r WHERE changes ? r);
  removed text;
BEGIN
  IF changes ? 'email' AND c.kind <> 'database' THEN
    RAISE EXCEPTION 'the email of a user of connection "%" cannot be updated', c.name
      USING ERRCODE = 'UD006', DETAIL = 'Only users of a database connection change their e-mail here.';
  ELSIF changes ? 'username' AND c.kind <> 'database' THEN
    RAISE EXCEPTION 'the username of a user of connection "%" cannot be updated', c.name USING ERRCODE = 'UD006';
  ELSIF changes ?| '{phone_number,phone_verified}' AND c.kind <> 'database' AND c.strategy <> 'sms' THEN
    RAISE EXCEPTION 'the phone number of a user of connection "%" cannot be updated', c.name USING ERRCODE = 'UD006';
  ELSIF changes ? 'email_verified' AND (c.kind = 'enterprise' OR c.strategy = 'sms') THEN
    RAISE EXCEPTION 'email_verified of a user of connection "%" cannot be updated', c.name USING ERRCODE = 'UD006';
  END IF;

  IF root_changes <> '{}' AND NOT is_primary THEN
    RAISE EXCEPTION '% cannot be updated on a linked identity', root_changes[1]
      USING ERRCODE = 'UD006', DETAIL = 'The profile''s root attributes come from the primary identity.';
  ELSIF root_changes <> '{}' AND NOT userdir._owns_root_attributes(c.kind, c.options) THEN
    RAISE EXCEPTION '% of a user of connection "%" cannot be updated', root_changes[1], c.name
      USING ERRCODE = 'UD006', DETAIL = 'The provider sets it at each login.',
            HINT = 'Set the connection''s option set_user_root_attributes to on_first_login, or keep the value in user_metadata.';
  END IF;
  IF userdir._is_external_database(c.options)
     AND (changes ?| '{username,phone_number,phone_verified}'
          OR changes ?| '{email,email_verified}' AND c.options #> '{customScripts,change_email}' IS NULL) THEN
    RAISE EXCEPTION 'only metadata and blocked of a user of connection "%" can be updated', c.name
      USING ERRCODE = 'UD006', DETAIL = 'Its users live in a database of their own.',
            HINT = 'Addresses can be changed where the custom database has an action change_email.';
  END IF;

  SELECT key INTO removed FROM jsonb_each(changes)
   WHERE value = 'null'
     AND (key = ANY (userdir._root_attributes()) AND c.kind IN ('database', 'passwordless')
          OR key = 'email' AND c.kind = 'database'
          OR key = 'username' AND userdir._requires_username(c.options)
          OR key = 'phone_number' AND c.strategy = 'sms')
     AND NOT coalesce(c.options -> 'non_persistent_attrs' ? key, false)
   LIMIT 1;
  IF removed IS NOT NULL THEN
    RAISE EXCEPTION '% of a user of connection "%" cannot be removed', removed, c.name USING ERRCODE = 'UD006';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_update_allowed(record, boolean, jsonb) IS
'Raises UD006 for changes that an identity of this connection does not allow.

c: a row of _find_connection(). is_primary: whether the changes are for the primary identity.';

CREATE FUNCTION userdir._replace_identifiers(identity_user text, identity_provider text, identity_id text, c record, profile jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  taken text[];
BEGIN
  -- Rows that stay are left alone: their keys do not have to be locked.
  DELETE FROM userdir.identifiers n
   WHERE n.user_id = identity_user AND n.provider = identity_provider AND n.provider_user_id = identity_id
     AND n.connection = c.name
     AND NOT EXISTS (SELECT FROM userdir._identifier_rows(c.kind, c.name, profile) r
                      WHERE r.value = n.value AND r.identifier_kind = n.kind);
  INSERT INTO userdir.identifiers (value, kind, connection, user_id, provider, provider_user_id)
    SELECT r.value, r.identifier_kind, r.scope, identity_user, identity_provider, identity_id
      FROM userdir._identifier_rows(c.kind, c.name, profile) r
    ON CONFLICT DO NOTHING;

  SELECT array_agg(r.identifier_kind) INTO taken
    FROM userdir._identifier_rows(c.kind, c.name, profile) r
   WHERE NOT EXISTS (SELECT FROM userdir.identifiers n
                      WHERE n.value = r.value AND n.kind = r.identifier_kind AND n.connection = r.scope
                        AND n.user_id = identity_user AND n.provider_user_id = identity_id);
  IF taken IS NOT NULL THEN
    PERFORM userdir._raise_user_exists(taken, c.name);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._replace_identifiers(text, text, text, record, jsonb) IS
'Makes the names by which an identity is found those of its profile; raises 23505 when another user has one.';

CREATE FUNCTION userdir._apply_changes(profile jsonb, changes jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- A new address is not a verified one.
  RETURN profile
         || CASE WHEN changes ->> 'email' IS DISTINCT FROM profile ->> 'email' AND changes ? 'email'
                 THEN '{"email_verified": false}'::jsonb ELSE '{}' END
         || CASE WHEN changes ->> 'phone_number' IS DISTINCT FROM profile ->> 'phone_number' AND changes ? 'phone_number'
                 THEN '{"phone_verified": false}'::jsonb ELSE '{}' END
         || (changes - '{connection,client_id,verify_email,verify_phone_number,user_metadata,app_metadata,blocked}'::text[]);
END
$$;
COMMENT ON FUNCTION userdir._apply_changes(jsonb, jsonb) IS
'Returns a profile with the changes of its root properties; nulls are for the caller to drop.';

CREATE FUNCTION userdir._merge_or_remove(stored jsonb, changes jsonb, key text) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE WHEN NOT changes ? key THEN stored
              WHEN changes -> key = 'null' THEN NULL
              ELSE userdir.merge_metadata(stored, changes -> key) END;
END
$$;
COMMENT ON FUNCTION userdir._merge_or_remove(jsonb, jsonb, text) IS
'Returns stored metadata after the changes under key: kept, merged at the first level, wiped by {} or removed by null.';

CREATE FUNCTION userdir._check_written(of_user text, was_written boolean, as_wanted boolean) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT (was_written AND as_wanted) THEN
    PERFORM userdir._raise_trigger_interfered(of_user, NOT was_written);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_written(text, boolean, boolean) IS
'Raises 27000 unless the triggers of the application have let a row of userdir.users be written, and with the identifiers that it was to have.';

CREATE FUNCTION userdir._update_user(user_id text, changes jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- Expressions about a record outlive the table, those about its row type do not: see uninstall().
  stored record;
  target userdir.identities;
  of_connection text;
  c record;
  checked jsonb;
  updated record;
  written record;
BEGIN
  PERFORM userdir._check_user_body(changes, '{connection,client_id,email,email_verified,phone_number,phone_verified,username,name,given_name,family_name,nickname,picture,blocked,verify_email,verify_phone_number,user_metadata,app_metadata}', true);
  PERFORM userdir._check_update_combination(changes);

  SELECT u.* INTO stored FROM userdir.users u WHERE u.user_id = _update_user.user_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM userdir._raise_unknown_user(user_id);
  END IF;

  -- Without a connection the changes are for the primary identity. It is not looked up in the statement, whose plan
  -- may ask for it in any order.
  IF changes ->> 'connection' IS NOT NULL THEN
    of_connection := (userdir._find_connection(changes ->> 'connection')).name;
  END IF;
  SELECT i.* INTO target FROM userdir.identities i
   WHERE i.user_id = stored.user_id AND (of_connection IS NULL AND i.is_primary OR i.connection = of_connection)
   ORDER BY i.is_primary DESC LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the user has no identity of connection "%"', changes ->> 'connection' USING ERRCODE = 'UD006';
  END IF;
  c := userdir._find_connection(target.connection);
  PERFORM userdir._check_update_allowed(c, target.is_primary, changes);
  checked := userdir._check_identifiers(c.kind, c.options, c.strategy, changes);

  PERFORM userdir._tell_custom_database(c, target, CASE WHEN target.is_primary THEN stored.email ELSE target.profile_data ->> 'email' END, checked);

  updated := stored;
  updated.blocked := CASE WHEN checked ? 'blocked' THEN (checked ->> 'blocked')::boolean ELSE stored.blocked END;
  updated.user_metadata := userdir._merge_or_remove(stored.user_metadata, checked, 'user_metadata');
  updated.app_metadata := userdir._merge_or_remove(stored.app_metadata, checked, 'app_metadata');
  IF target.is_primary THEN
    updated := jsonb_populate_record(updated, userdir._apply_changes(
                 jsonb_build_object('email', stored.email, 'phone_number', stored.phone_number), checked));
    PERFORM userdir._replace_identifiers(stored.user_id, target.provider, target.provider_user_id, c,
              jsonb_build_object('email', updated.email, 'username', updated.username, 'phone_number', updated.phone_number));
  ELSE
    target.profile_data := jsonb_strip_nulls(userdir._apply_changes(coalesce(target.profile_data, '{}'), checked));
    PERFORM userdir._replace_identifiers(stored.user_id, target.provider, target.provider_user_id, c, target.profile_data);
    UPDATE userdir.identities i SET profile_data = target.profile_data
     WHERE i.user_id = target.user_id AND i.provider = target.provider AND i.provider_user_id = target.provider_user_id;
    updated.identities := userdir._identities_json(stored.user_id);
  END IF;

  IF updated IS DISTINCT FROM stored THEN
    UPDATE userdir.users u
       SET email = updated.email, email_verified = updated.email_verified, username = updated.username,
           phone_number = updated.phone_number, phone_verified = updated.phone_verified, name = updated.name,
           given_name = updated.given_name, family_name = updated.family_name, nickname = updated.nickname,
           picture = updated.picture, blocked = updated.blocked, identities = updated.identities,
           user_metadata = updated.user_metadata, app_metadata = updated.app_metadata
     WHERE u.user_id = stored.user_id
    RETURNING u.* INTO written;
    PERFORM userdir._check_written(stored.user_id, FOUND,
      (written.user_id, written.email, written.username, written.phone_number, written.identities)
      IS NOT DISTINCT FROM (updated.user_id, updated.email, updated.username, updated.phone_number, updated.identities));
  END IF;
  IF updated.blocked THEN
    PERFORM userdir._end_user_access(stored.user_id);
  END IF;
  RETURN userdir._users_json(ARRAY[stored.user_id]) -> 0;
END
$$;
COMMENT ON FUNCTION userdir._update_user(text, jsonb) IS 'Body of update_user().';

CREATE FUNCTION userdir.update_user(user_id text, changes jsonb) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.update_user(text, jsonb) IS
'Changes a user.

changes: an object with any of email, email_verified, phone_number, phone_verified, username, name, given_name, family_name, nickname, picture, blocked, user_metadata, app_metadata. What is absent stays; null removes where the connection allows it. Metadata is merged at its first level: a key replaces the stored key, null deletes it, {} wipes all. A changed email or phone_number is unverified unless the call says otherwise. connection names the linked identity whose email, username or phone number is meant; without it the primary one is. client_id, verify_email and verify_phone_number are accepted; userdir sends no message. blocked ends the sessions and refresh tokens of the user.
Result: the whole user as it is now.
Errors: UD007 when there is no such user; UD004 for a property that is unknown or malformed; UD005 and 54000 for metadata; UD006 for what the connection does not allow: root attributes that a provider sets at each login, an e-mail outside database connections, email_verified of enterprise or sms users, username together with email or email_verified, a password; 23505 when another user has the new identifier, here or in the custom database of the connection; UD063, UD064 and UD067 when that did not answer, or refused the new address; 27000 when a trigger of the application has skipped the row or changed its identifiers; and whatever such a trigger raises.';
