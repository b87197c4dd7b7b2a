-- What a login brings: a user is created, or its profile refreshed.

CREATE FUNCTION userdir._keep_known(stored text, fresh text, fallback text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN fresh IS NULL OR fresh OPERATOR(pg_catalog.=) fallback THEN coalesce(stored, fresh) ELSE fresh END $$;
COMMENT ON FUNCTION userdir._keep_known(text, text, text) IS
'Returns what a refreshed attribute becomes: what the provider sent now, or, when it sent nothing and the normalized value is but a fallback, what it sent before. Apple tells a name at the first login only.';

CREATE FUNCTION userdir._without_provider_tokens(profile jsonb) RETURNS jsonb
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_set(profile, '{identities,0}',
                   (profile #> '{identities,0}') - '{access_token,access_token_secret,refresh_token,expires_in}'::text[])
$$;
COMMENT ON FUNCTION userdir._without_provider_tokens(jsonb) IS
'Returns a normalized profile without the tokens that its provider gave: the tables hold no credential in the clear.';

CREATE FUNCTION userdir._refresh_user(c record, stored_id text, fresh jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- Expressions about a record outlive the table, those about its row type do not: see uninstall().
  stored record;
  updated record;
  written record;
  identity jsonb := fresh #> '{identities,0}';
  email text := fresh ->> 'email';
BEGIN
  SELECT u.* INTO STRICT stored FROM userdir.users u WHERE u.user_id = stored_id FOR NO KEY UPDATE;

  updated := stored;
  updated.email := coalesce(email, stored.email);
  updated.email_verified := CASE WHEN email IS NULL THEN stored.email_verified
                                 ELSE coalesce((fresh ->> 'email_verified')::boolean, stored.email_verified) END;
  updated.username := coalesce(fresh ->> 'username', stored.username);
  updated.phone_number := coalesce(fresh ->> 'phone_number', stored.phone_number);
  updated.phone_verified := coalesce((fresh ->> 'phone_verified')::boolean, stored.phone_verified);
  updated.attributes := fresh -> 'attributes';
  IF fresh ? 'user_metadata' THEN
    updated.user_metadata := userdir.merge_metadata(stored.user_metadata, fresh -> 'user_metadata');
  END IF;
  IF fresh ? 'app_metadata' THEN
    updated.app_metadata := userdir.merge_metadata(stored.app_metadata, fresh -> 'app_metadata');
  END IF;
  IF coalesce(c.options ->> 'set_user_root_attributes', 'on_each_login') = 'on_each_login' THEN
    updated.name := userdir._keep_known(stored.name, fresh ->> 'name', email);
    updated.given_name := coalesce(fresh ->> 'given_name', stored.given_name);
    updated.family_name := coalesce(fresh ->> 'family_name', stored.family_name);
    updated.nickname := userdir._keep_known(stored.nickname, fresh ->> 'nickname',
                                            coalesce(userdir.default_nickname(email), fresh ->> 'name'));
    updated.picture := userdir._keep_known(stored.picture, fresh ->> 'picture', userdir.default_picture(email, c.strategy));
  END IF;

  -- Most logins bring nothing new; they write nothing.
  IF updated IS NOT DISTINCT FROM stored THEN
    RETURN;
  END IF;
  IF c.kind IN ('database', 'passwordless') THEN
    PERFORM userdir._replace_identifiers(stored_id, identity ->> 'provider', identity ->> 'user_id', c,
              jsonb_build_object('email', updated.email, 'username', updated.username, 'phone_number', updated.phone_number));
  END IF;
  UPDATE userdir.users u
     SET email = updated.email, email_verified = updated.email_verified, username = updated.username,
         phone_number = updated.phone_number, phone_verified = updated.phone_verified, name = updated.name,
         given_name = updated.given_name, family_name = updated.family_name, nickname = updated.nickname,
         picture = updated.picture, attributes = updated.attributes,
         user_metadata = updated.user_metadata, app_metadata = updated.app_metadata
   WHERE u.user_id = stored_id
  RETURNING u.* INTO written;
  PERFORM userdir._check_written(stored_id, FOUND,
    (written.user_id, written.email, written.username, written.phone_number, written.identities)
    IS NOT DISTINCT FROM (updated.user_id, updated.email, updated.username, updated.phone_number, updated.identities));
END
$$;
COMMENT ON FUNCTION userdir._refresh_user(record, text, jsonb) IS
'Brings a user''s profile up to what its primary identity''s provider sent, as the connection''s sync mode says.

c: a row of _find_connection(). fresh: a normalized profile.';

CREATE FUNCTION userdir._refresh_linked_identity(owner_id text, fresh jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fresh_data jsonb := fresh - '{user_id,identities,user_metadata,app_metadata}'::text[];
BEGIN
  UPDATE userdir.identities i
     SET profile_data = fresh_data
   WHERE i.user_id = owner_id
     AND i.provider = fresh #>> '{identities,0,provider}'
     AND i.provider_user_id = fresh #>> '{identities,0,user_id}'
     AND i.profile_data IS DISTINCT FROM fresh_data;
  IF FOUND THEN
    PERFORM userdir._renew_identities(ARRAY[owner_id]);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._refresh_linked_identity(text, jsonb) IS
'Keeps what the provider of a linked identity sent with that identity; the user''s own profile stays that of the primary one.';

CREATE FUNCTION userdir._upsert_normalized(c record, fresh jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  sync_mode text := coalesce(c.options ->> 'set_user_root_attributes', 'on_each_login');
  owner_id text;
  found_connection text;
  is_primary boolean;
  taken text[];
BEGIN
  FOR attempt IN 1..3 LOOP
    SELECT n.user_id, i.connection, i.is_primary INTO owner_id, found_connection, is_primary
      FROM userdir.identifiers n
      JOIN userdir.identities i USING (user_id, provider, provider_user_id)
     WHERE n.value = fresh ->> 'user_id' AND n.kind = 'identity' AND n.connection = '';
    EXIT WHEN FOUND;

    IF sync_mode = 'never_on_login' THEN
      RAISE EXCEPTION 'connection "%" does not create users at login', c.name
        USING ERRCODE = 'UD007', DETAIL = 'Its option set_user_root_attributes is never_on_login.',
              HINT = 'Provision the user with userdir.create_user() first.';
    END IF;
    taken := userdir._insert_user(c.kind, fresh);
    IF taken = '{}' THEN
      RETURN userdir._users_json(ARRAY[fresh ->> 'user_id']) -> 0;
    ELSIF 'identity' <> ALL (taken) THEN
      PERFORM userdir._raise_user_exists(taken, c.name);
    END IF;
    -- The same person logged in twice at once and the other login was first: refresh its user.
  END LOOP;
  IF owner_id IS NULL THEN
    PERFORM userdir._raise_user_exists('{identity}', c.name);
  END IF;

  IF found_connection <> c.name THEN
    RAISE EXCEPTION 'user_id "%" belongs to connection "%"', fresh ->> 'user_id', found_connection
      USING ERRCODE = 'unique_violation', DETAIL = 'Two connections must not give the same id to their users.';
  ELSIF NOT is_primary THEN
    PERFORM userdir._refresh_linked_identity(owner_id, fresh);
  ELSIF sync_mode <> 'never_on_login' THEN
    PERFORM userdir._refresh_user(c, owner_id, fresh);
  END IF;
  RETURN userdir._users_json(ARRAY[owner_id]) -> 0;
END
$$;
COMMENT ON FUNCTION userdir._upsert_normalized(record, jsonb) IS
'Creates the user of a normalized profile, or refreshes it. The rest as in upsert_from_connection().';

CREATE FUNCTION userdir._upsert_profile(c record, raw jsonb, extras jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN userdir._upsert_normalized(c, userdir._without_provider_tokens(
           userdir.normalize_profile(c.strategy, raw, c.name, coalesce(extras, '{}'), c.options)));
END
$$;
COMMENT ON FUNCTION userdir._upsert_profile(record, jsonb, jsonb) IS
'Creates the user that a payload speaks of, or refreshes its profile, for a connection of any kind: whoever calls it knows where the payload is from.

c: a row of _find_connection(). The rest as in upsert_from_connection().';

CREATE FUNCTION userdir._upsert_from_connection(connection text, raw jsonb, extras jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record := userdir._find_connection(connection);
BEGIN
  -- Its users are this directory's own: a payload would change the address that another's password is for.
  IF c.kind = 'database' THEN
    RAISE EXCEPTION 'connection "%" is a database, no provider sends its users', c.name
      USING ERRCODE = 'UD006', DETAIL = format('Its strategy is "%s".', c.strategy),
            HINT = 'Use userdir.signup() and userdir.login(), or userdir.create_user().';
  END IF;
  RETURN userdir._upsert_profile(c, raw, extras);
END
$$;
COMMENT ON FUNCTION userdir._upsert_from_connection(text, jsonb, jsonb) IS 'Body of upsert_from_connection().';

CREATE FUNCTION userdir.upsert_from_connection(connection text, raw jsonb, extras jsonb DEFAULT '{}') RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.upsert_from_connection(text, jsonb, jsonb) IS
'Creates the user that a provider''s payload speaks of, or refreshes its profile.

connection: its name or id. raw: the provider''s payload, as for normalize_profile(). extras: further answers of the provider by part name.
The connection''s option set_user_root_attributes decides: on_each_login (default) creates, and overwrites name, given_name, family_name, nickname and picture with what the provider sent; on_first_login creates, and leaves these five alone afterwards; never_on_login neither creates nor changes anything. E-mail, phone number and attributes are refreshed in the first two. What the provider does not send this time stays. A login through a linked identity refreshes that identity and returns the user it is linked to.
Result: the user in the model''s shape, after the change.
Errors: UD008 for an unknown connection; UD006 for a database connection, whose users come by signup(), login() and create_user(); UD003 and 54000 when the payload cannot be normalized; UD007 when the user is unknown and the connection creates none; 23505 when the user_id belongs to another connection, or the e-mail to another user of a passwordless connection; 27000 when a trigger of the application has skipped the row or changed its identifiers; and whatever such a trigger raises. Nothing is stored then.';
