-- Connections: the sources of users.

CREATE FUNCTION userdir._iso_timestamp(moment timestamptz) RETURNS text
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
AS $$ SELECT pg_catalog.to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;
COMMENT ON FUNCTION userdir._iso_timestamp(timestamptz) IS
'Returns a moment as the model writes it: ISO 8601, UTC, milliseconds.';

CREATE FUNCTION userdir._select_fields(document jsonb, fields text, include_fields boolean, known text[]) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted text;
  path text[];
  result jsonb := CASE WHEN coalesce(include_fields, true) THEN '{}' ELSE document END;
BEGIN
  IF fields IS NULL OR btrim(fields) = '' THEN
    RETURN document;
  END IF;
  FOREACH wanted IN ARRAY string_to_array(fields, ',') LOOP
    wanted := btrim(wanted);
    path := CASE WHEN wanted LIKE '%.%' THEN userdir._sort_path(wanted) ELSE ARRAY[wanted] END;
    IF path[1] <> ALL (known) OR cardinality(path) > 1 AND path[1] NOT IN ('user_metadata', 'app_metadata', 'attributes') THEN
      RAISE EXCEPTION 'unknown field "%"', left(wanted, 64)
        USING ERRCODE = 'invalid_parameter_value',
              HINT = format('Known fields: %s%s.', array_to_string(known, ', '),
                            CASE WHEN 'user_metadata' = ANY (known) THEN ', and paths like user_metadata.ui.size' ELSE '' END);
    ELSIF NOT coalesce(include_fields, true) THEN
      result := result #- path;
    ELSIF document #> path IS NOT NULL THEN
      FOR depth IN 1 .. cardinality(path) - 1 LOOP
        EXIT WHEN jsonb_typeof(document #> path[:depth]) <> 'object';
        IF NOT coalesce(result #> path[:depth - 1], result) ? path[depth] THEN
          result := jsonb_set(result, path[:depth], '{}');
        END IF;
      END LOOP;
      -- An element of an array has no name, and no object to stand in.
      IF jsonb_typeof(coalesce(result #> path[:cardinality(path) - 1], 'null')) = 'object' THEN
        result := jsonb_set(result, path, document #> path);
      END IF;
    END IF;
  END LOOP;
  RETURN result;
END
$$;
COMMENT ON FUNCTION userdir._select_fields(jsonb, text, boolean, text[]) IS
'Reduces an object to, or by, a comma-separated list of its root fields and of paths into metadata and attributes.

Errors: 22023 when a field is none of known.';

CREATE FUNCTION userdir._find_connection(name_or_id text,
    OUT id text, OUT name text, OUT strategy text, OUT kind text, OUT provider text, OUT options jsonb)
  LANGUAGE c STABLE PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir__find_connection';
COMMENT ON FUNCTION userdir._find_connection(text) IS
'Returns a connection by its name or id.

Errors: UD008 when there is none.';

CREATE FUNCTION userdir._connection_json(connection_id text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object('id', c.id, 'name', c.name, 'strategy', c.strategy, 'options', c.options,
                            'created_at', userdir._iso_timestamp(c.created_at),
                            'updated_at', userdir._iso_timestamp(c.updated_at))
         || CASE WHEN c.display_name IS NULL THEN '{}' ELSE jsonb_build_object('display_name', c.display_name) END
         || CASE WHEN c.metadata = '{}' THEN '{}' ELSE jsonb_build_object('metadata', c.metadata) END
    FROM userdir.connections c WHERE c.id = connection_id
$$;
COMMENT ON FUNCTION userdir._connection_json(text) IS 'Returns a connection in the model''s shape.';

CREATE FUNCTION userdir._check_login_options(options jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  clients jsonb := options -> 'enabled_clients';
  lengths jsonb := options #> '{validation,username}';
  least integer;
  most integer;
  wrong text;
BEGIN
  SELECT o.name INTO wrong
    FROM unnest('{requires_username,disable_signup,disable_self_service_change_password,brute_force_protection}'::text[]) AS o (name)
   WHERE jsonb_typeof(options -> o.name) NOT IN ('boolean', 'null') LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'connection option "%" must be true or false', wrong USING ERRCODE = 'UD001';
  END IF;

  IF (CASE jsonb_typeof(clients) WHEN 'array' THEN EXISTS (SELECT FROM jsonb_array_elements(clients) e WHERE jsonb_typeof(e.value) <> 'string')
                                 ELSE clients <> 'null' END) THEN
    RAISE EXCEPTION 'connection option "enabled_clients" must be an array of strings' USING ERRCODE = 'UD001';
  END IF;

  IF jsonb_typeof(options -> 'validation') NOT IN ('object', 'null') OR jsonb_typeof(lengths) NOT IN ('object', 'null') THEN
    RAISE EXCEPTION 'connection option "validation" must be an object, and "username" in it as well'
      USING ERRCODE = 'UD001', HINT = 'For example {"validation": {"username": {"min": 3, "max": 30}}}.';
  ELSIF jsonb_typeof(lengths) = 'object' THEN
    FOREACH wrong IN ARRAY '{min,max}'::text[] LOOP
      CONTINUE WHEN coalesce(lengths -> wrong, 'null') = 'null';
      IF jsonb_typeof(lengths -> wrong) <> 'number' OR lengths ->> wrong !~ '^[0-9]{1,3}$' OR (lengths ->> wrong)::integer NOT BETWEEN 1 AND 128 THEN
        RAISE EXCEPTION 'connection option "validation.username.%" must be a whole number between 1 and 128', wrong USING ERRCODE = 'UD001';
      END IF;
    END LOOP;
    least := coalesce((lengths ->> 'min')::integer, 1);
    most := coalesce((lengths ->> 'max')::integer, 15);
    IF least > most THEN
      RAISE EXCEPTION 'connection option "validation.username" allows no user name: min is %, max is %', least, most
        USING ERRCODE = 'UD001', HINT = 'Where they are not given, min is 1 and max is 15.';
    END IF;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_login_options(jsonb) IS
'Raises UD001 unless the options of a connection that say how users sign up and log in are what they may be: a switch that is no boolean would be taken for one that is not there.';

CREATE FUNCTION userdir._check_connection(strategy text, options jsonb, display_name text, metadata jsonb) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  entry record;
BEGIN
  IF options IS NULL OR jsonb_typeof(options) <> 'object' THEN
    RAISE EXCEPTION 'a connection''s options must be a JSON object' USING ERRCODE = 'UD001';
  END IF;
  PERFORM userdir._check_connection_options(strategy, options);
  PERFORM userdir._check_password_options(strategy, options);
  PERFORM userdir._check_login_options(options);
  PERFORM userdir._check_token_options(options);

  IF length(display_name) > 128 THEN
    RAISE EXCEPTION 'a connection''s display_name is longer than 128 characters' USING ERRCODE = 'UD001';
  END IF;
  IF metadata IS NULL OR jsonb_typeof(metadata) <> 'object' THEN
    RAISE EXCEPTION 'a connection''s metadata must be a JSON object' USING ERRCODE = 'UD001';
  END IF;
  IF (SELECT count(*) FROM jsonb_object_keys(metadata)) > 10 THEN
    RAISE EXCEPTION 'a connection''s metadata holds more than 10 keys' USING ERRCODE = 'UD001';
  END IF;
  FOR entry IN SELECT key, value FROM jsonb_each(metadata) LOOP
    IF length(entry.key) > 255 OR jsonb_typeof(entry.value) <> 'string' OR length(entry.value #>> '{}') > 255 THEN
      RAISE EXCEPTION 'a connection''s metadata holds something else than strings of up to 255 characters'
        USING ERRCODE = 'UD001', DETAIL = format('Key: "%s".', left(entry.key, 64));
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._check_connection(text, jsonb, text, jsonb) IS
'Raises UD001 or UD002 unless these may be stored as parts of a connection.';

CREATE FUNCTION userdir._create_connection(name text, strategy text, options jsonb, display_name text, metadata jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  new_id text := userdir._new_id('con_');
BEGIN
  PERFORM userdir._check_connection_name(name);
  IF userdir._strategy_kind(strategy) IS NULL THEN
    RAISE EXCEPTION 'unknown strategy "%"', left(strategy, 64)
      USING ERRCODE = 'UD001', HINT = 'SELECT strategy FROM userdir.strategies() lists them.';
  END IF;
  PERFORM userdir._check_connection(strategy, options, display_name, metadata);
  PERFORM userdir._check_custom_scripts(strategy, options, NULL);

  INSERT INTO userdir.connections AS c (id, name, strategy, options, display_name, metadata)
    VALUES (new_id, _create_connection.name, _create_connection.strategy, _create_connection.options,
            _create_connection.display_name, _create_connection.metadata)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a connection named "%" exists already', name USING ERRCODE = 'unique_violation';
  END IF;
  RETURN userdir._connection_json(new_id);
END
$$;
COMMENT ON FUNCTION userdir._create_connection(text, text, jsonb, text, jsonb) IS 'Body of create_connection().';

CREATE FUNCTION userdir.create_connection(name text, strategy text, options jsonb DEFAULT '{}',
    display_name text DEFAULT NULL, metadata jsonb DEFAULT '{}') RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.create_connection(text, text, jsonb, text, jsonb) IS
'Adds a source of users.

name: up to 128 letters, digits and single inner hyphens.
strategy: one of userdir.strategies().
options: kept and returned verbatim; one that looks like a misspelled known one is refused. Those that userdir acts on are checked: set_user_root_attributes (on_each_login, on_first_login, never_on_login), non_persistent_attrs, attribute_map, fieldsMap, user_id_attribute, requires_username, validation, disable_signup, disable_self_service_change_password, brute_force_protection (false: failed logins of one identifier do not count here), enabled_clients, and those about passwords: passwordPolicy (none, low, fair, good, excellent, nist), password_complexity_options, password_dictionary, password_no_personal_info, password_history, password_nist_options, or password_options instead of them; and those about tokens of a provider: issuer, client_id, tenantId, allowed_audiences, id_token_signed_response_algs; and those about a custom database, which set_custom_database() writes: enabledDatabaseCustomization, import_mode, customScripts.
display_name: up to 128 characters. metadata: up to 10 strings of up to 255 characters.
Result: the connection, with its id (con_ and 16 letters and digits).
Errors: UD001 for a bad name, strategy or option; UD002 for a bad attribute map; UD066 for a function in customScripts that cannot be the action; 23505 when the name is taken.';

CREATE FUNCTION userdir._get_connection(name_or_id text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT userdir._connection_json(c.id) FROM userdir.connections c
   WHERE c.name = name_or_id OR c.id = name_or_id
$$;
COMMENT ON FUNCTION userdir._get_connection(text) IS 'Body of get_connection().';

CREATE FUNCTION userdir.get_connection(name_or_id text) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.get_connection(text) IS
'Returns a connection by its name or id, null when there is none.';

CREATE FUNCTION userdir._list_connections(strategy text, name text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(userdir._connection_json(c.id) ORDER BY c.name), '[]')
    FROM userdir.connections c
   WHERE (_list_connections.strategy IS NULL OR c.strategy = _list_connections.strategy)
     AND (_list_connections.name IS NULL OR c.name = _list_connections.name)
$$;
COMMENT ON FUNCTION userdir._list_connections(text, text) IS 'Body of list_connections().';

CREATE FUNCTION userdir.list_connections(strategy text DEFAULT NULL, name text DEFAULT NULL) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.list_connections(text, text) IS
'Returns the connections as a JSON array in the order of their names, those of one strategy or name when asked for.';

CREATE FUNCTION userdir._update_connection(name_or_id text, changes jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  connection userdir.connections;
  former jsonb;
  unknown text;
BEGIN
  IF changes IS NULL OR jsonb_typeof(changes) <> 'object' THEN
    RAISE EXCEPTION 'the changes of a connection must be a JSON object' USING ERRCODE = 'UD001';
  END IF;
  SELECT key INTO unknown FROM jsonb_object_keys(changes) key
   WHERE key NOT IN ('options', 'display_name', 'metadata') LIMIT 1;
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'property "%" of a connection cannot be changed', left(unknown, 64)
      USING ERRCODE = 'UD001', HINT = 'options, display_name and metadata can.';
  END IF;
  IF jsonb_typeof(changes -> 'display_name') NOT IN ('string', 'null') THEN
    RAISE EXCEPTION 'a connection''s display_name must be a string' USING ERRCODE = 'UD001';
  END IF;

  SELECT c.* INTO connection FROM userdir.connections c
   WHERE c.id = (SELECT f.id FROM userdir._find_connection(name_or_id) f) FOR NO KEY UPDATE;
  former := connection.options;
  IF changes ? 'options' THEN
    connection.options := changes -> 'options';
  END IF;
  IF changes ? 'display_name' THEN
    connection.display_name := changes ->> 'display_name';
  END IF;
  IF changes ? 'metadata' THEN
    connection.metadata := changes -> 'metadata';
  END IF;
  PERFORM userdir._check_connection(connection.strategy, connection.options, connection.display_name, connection.metadata);
  PERFORM userdir._check_custom_scripts(connection.strategy, connection.options, former);

  UPDATE userdir.connections c
     SET options = connection.options, display_name = connection.display_name,
         metadata = connection.metadata, updated_at = now()
   WHERE c.id = connection.id;
  RETURN userdir._connection_json(connection.id);
END
$$;
COMMENT ON FUNCTION userdir._update_connection(text, jsonb) IS 'Body of update_connection().';

CREATE FUNCTION userdir.update_connection(name_or_id text, changes jsonb) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.update_connection(text, jsonb) IS
'Changes a connection.

name_or_id: which one. changes: an object with any of options, display_name and metadata. Each that is given replaces the old one whole: read the options, change them, write them back. A null display_name removes it.
Result: the connection as it is now.
Errors: UD008 when there is none; UD001, UD002 and UD066 as in create_connection().';

CREATE FUNCTION userdir._delete_connection(name_or_id text, delete_users boolean) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  connection_name text;
  kept text;
  linked_users text[];
BEGIN
  -- The lock keeps new users out of the connection until it is gone.
  SELECT c.name INTO connection_name FROM userdir.connections c
   WHERE c.name = name_or_id OR c.id = name_or_id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;

  IF coalesce(delete_users, false) THEN
    DELETE FROM userdir.users u
     USING userdir.identities i
     WHERE i.connection = connection_name AND i.is_primary AND u.user_id = i.user_id;
    SELECT i.user_id INTO kept FROM userdir.identities i WHERE i.connection = connection_name AND i.is_primary LIMIT 1;
    IF FOUND THEN
      PERFORM userdir._raise_trigger_interfered(kept, true);
    END IF;
    -- What is left are identities that were linked to users of other connections.
    DELETE FROM userdir.identifiers n
     USING userdir.identities i
     WHERE i.connection = connection_name AND n.user_id = i.user_id
       AND n.provider = i.provider AND n.provider_user_id = i.provider_user_id;
    DELETE FROM userdir.credentials k
     USING userdir.identities i
     WHERE i.connection = connection_name AND k.user_id = i.user_id
       AND k.provider = i.provider AND k.provider_user_id = i.provider_user_id;
    DELETE FROM userdir.tickets t
     USING userdir.identities i
     WHERE i.connection = connection_name AND t.user_id = i.user_id
       AND t.provider = i.provider AND t.provider_user_id = i.provider_user_id;
    WITH gone AS (DELETE FROM userdir.identities i WHERE i.connection = connection_name RETURNING i.user_id)
    SELECT array_agg(g.user_id) INTO linked_users FROM gone g;
    PERFORM userdir._renew_identities(linked_users);
  ELSIF EXISTS (SELECT FROM userdir.identities i WHERE i.connection = connection_name) THEN
    RAISE EXCEPTION 'connection "%" has users', connection_name
      USING ERRCODE = 'dependent_objects_still_exist',
            HINT = 'Use userdir.delete_connection(name, delete_users => true) to delete them with it.';
  END IF;

  DELETE FROM userdir.connections c WHERE c.name = connection_name;
  RETURN true;
END
$$;
COMMENT ON FUNCTION userdir._delete_connection(text, boolean) IS 'Body of delete_connection().';

CREATE FUNCTION userdir.delete_connection(name_or_id text, delete_users boolean DEFAULT false) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.delete_connection(text, boolean) IS
'Deletes a connection.

delete_users: whether its users go with it, and the identities of it that are linked to other users; without it a connection that has users stays.
Result: true, or false when there was no such connection.
Errors: 2BP01 when it has users and delete_users is false; 23503 when rows of the application refer to them; 27000 when a trigger of the application has kept one of them.';
