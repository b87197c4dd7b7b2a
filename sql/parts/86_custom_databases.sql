-- Custom databases: a connection whose users are, or were, in a database of somebody else. Which
-- functions ask that database, and asking it.

CREATE FUNCTION userdir._custom_mode(options jsonb) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE WHEN coalesce(options OPERATOR(pg_catalog.->) 'enabledDatabaseCustomization' OPERATOR(pg_catalog.<>) 'true', true) THEN 'off'
              WHEN options OPERATOR(pg_catalog.->) 'import_mode' OPERATOR(pg_catalog.=) 'true' THEN 'import'
              ELSE 'legacy' END
$$;
COMMENT ON FUNCTION userdir._custom_mode(jsonb) IS
'Returns how a connection uses its custom database: off, import (its users come here one by one) or legacy (they stay there).';

CREATE FUNCTION userdir._check_custom_action(action text, function text) RETURNS void
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_custom_action';
COMMENT ON FUNCTION userdir._check_custom_action(text, text) IS
'Raises UD066 unless a function, by its qualified name, can be an action of a custom database.';

CREATE FUNCTION userdir._check_action_name(action text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF action IS NULL OR action NOT IN ('login', 'get_user', 'create', 'verify', 'change_password', 'delete', 'change_email') THEN
    RAISE EXCEPTION 'unknown action "%"', left(action, 64)
      USING ERRCODE = 'invalid_parameter_value', HINT = 'The actions are login, get_user, create, verify, change_password, delete and change_email.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_action_name(text) IS 'Raises 22023 for what is no action of a custom database.';

CREATE FUNCTION userdir._check_custom_scripts(strategy text, options jsonb, former jsonb) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  scripts jsonb := options -> 'customScripts';
  script record;
  wrong text;
BEGIN
  IF userdir._strategy_kind(strategy) <> 'database' THEN
    RETURN;
  END IF;
  SELECT o.name INTO wrong FROM unnest('{enabledDatabaseCustomization,import_mode}'::text[]) AS o (name)
   WHERE jsonb_typeof(options -> o.name) NOT IN ('boolean', 'null') LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'connection option "%" must be true or false', wrong USING ERRCODE = 'UD001';
  ELSIF jsonb_typeof(scripts) NOT IN ('object', 'null') THEN
    RAISE EXCEPTION 'connection option "customScripts" must be an object' USING ERRCODE = 'UD001',
      HINT = 'For example {"login": "app.legacy_login"}: actions and the functions that they are.';
  ELSIF jsonb_typeof(scripts) IS DISTINCT FROM 'object' THEN
    RETURN;
  END IF;

  FOR script IN SELECT s.key, s.value, jsonb_typeof(s.value) AS type FROM jsonb_each(scripts) s LOOP
    CONTINUE WHEN script.value = former -> 'customScripts' -> script.key;
    IF script.key NOT IN ('login', 'get_user', 'create', 'verify', 'change_password', 'delete', 'change_email') THEN
      RAISE EXCEPTION 'unknown action "%" in connection option "customScripts"', left(script.key, 64)
        USING ERRCODE = 'UD001', HINT = 'The actions are login, get_user, create, verify, change_password, delete and change_email.';
    ELSIF script.type NOT IN ('string', 'null') THEN
      RAISE EXCEPTION 'action "%" in connection option "customScripts" must be the name of a function', script.key
        USING ERRCODE = 'UD001', HINT = 'A string with schema and name, for example "app.legacy_login".';
    END IF;
    PERFORM userdir._check_custom_action(script.key, script.value #>> '{}');
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._check_custom_scripts(text, jsonb, jsonb) IS
'Raises unless the options of a connection that tell of its custom database are what they may be. former: the options until now, or null; functions that stay are not looked at, so that one that is gone meanwhile stands in the way of nothing else.

Errors: UD001; UD066 for a function that cannot be the action.';

CREATE FUNCTION userdir._set_custom_database(connection text, mode text, login text, get_user text, create_user text, verify text,
    change_password text, delete_user text, change_email text) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record := userdir._find_password_connection(connection);
  options jsonb;
  scripts jsonb;
  given jsonb := jsonb_strip_nulls(jsonb_build_object('login', login, 'get_user', get_user, 'create', create_user, 'verify', verify,
                                                      'change_password', change_password, 'delete', delete_user, 'change_email', change_email));
  missing text;
  former_mode text;
BEGIN
  IF mode NOT IN ('import', 'legacy', 'off') THEN
    RAISE EXCEPTION 'mode must be import, legacy or off' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT o.options INTO options FROM userdir.connections o WHERE o.id = c.id FOR NO KEY UPDATE;
  former_mode := userdir._custom_mode(options);
  scripts := CASE WHEN jsonb_typeof(options -> 'customScripts') = 'object' THEN options -> 'customScripts' ELSE '{}' END || given;
  -- An empty name takes a function away.
  scripts := (SELECT coalesce(jsonb_object_agg(s.key, s.value), '{}') FROM jsonb_each(scripts) s WHERE s.value NOT IN ('""', 'null'));
  options := options || jsonb_build_object('customScripts', scripts)
             || CASE WHEN mode IS NULL THEN '{}' ELSE jsonb_build_object('enabledDatabaseCustomization', mode <> 'off', 'import_mode', mode = 'import') END;

  SELECT a INTO missing FROM unnest(CASE userdir._custom_mode(options) WHEN 'import' THEN '{login,get_user}' WHEN 'legacy' THEN '{login}' END::text[]) a
   WHERE NOT scripts ? a LIMIT 1;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'a custom database in mode "%" needs action "%"', userdir._custom_mode(options), missing
      USING ERRCODE = 'UD067', HINT = format('Name the function: %s => ''schema.function''.', missing);
  END IF;
  -- Who is here is not asked for there any more.
  IF former_mode = 'legacy' AND userdir._custom_mode(options) IS DISTINCT FROM 'legacy' AND EXISTS (
       SELECT FROM userdir.identities i WHERE i.connection = c.name
          AND NOT EXISTS (SELECT FROM userdir.credentials k WHERE k.user_id = i.user_id AND k.provider = i.provider AND k.provider_user_id = i.provider_user_id)) THEN
    RAISE WARNING 'connection "%" has users without a password here, who cannot log in any more', c.name
      USING HINT = 'Give them the hashes of the other database by set_password_hash(), or let them choose a password by request_password_change().';
  END IF;
  RETURN userdir._update_connection(c.id, jsonb_build_object('options', options));
END
$$;
COMMENT ON FUNCTION userdir._set_custom_database(text, text, text, text, text, text, text, text, text) IS 'Body of set_custom_database().';

CREATE FUNCTION userdir.set_custom_database(connection text, mode text DEFAULT NULL, login text DEFAULT NULL, get_user text DEFAULT NULL,
    create_user text DEFAULT NULL, verify text DEFAULT NULL, change_password text DEFAULT NULL, delete_user text DEFAULT NULL,
    change_email text DEFAULT NULL) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.set_custom_database(text, text, text, text, text, text, text, text, text) IS
'Connects a database connection with a database of somebody else, by functions that ask it. It writes the connection''s options enabledDatabaseCustomization, import_mode and customScripts, which can be written by update_connection() as well.

connection: its name or id. mode: import: who is not here yet logs in against the custom database, and is here from then on; legacy: users stay there, and only a profile is kept here; off: it is asked no more. login, get_user, create_user, verify, change_password, delete_user, change_email: the function that is this action, by its name with its schema; '''' takes it away. What is null stays as it is.
Result: the connection as it is now. A warning tells when users of mode legacy have no password here, which they need in any other.
Errors: UD008 for an unknown connection; UD006 for one without passwords; 22023 for another mode; UD066 for a function that does not exist, takes or returns something else, or whose owner does not lend the directory its rights: it is SECURITY DEFINER, or of a role whose rights the directory''s owner has; UD067 when the mode needs an action that is not there: login, and get_user to import.';

CREATE FUNCTION userdir._call_custom_action(connection_id text, action text, function text, name text, password userdir.secret, profile jsonb,
    new_name text, verified boolean, context jsonb, OUT answer jsonb, OUT code text, OUT message text, OUT detail text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir__call_custom_action';
COMMENT ON FUNCTION userdir._call_custom_action(text, text, text, text, userdir.secret, jsonb, text, boolean, jsonb) IS
'Calls an action of a custom database as the owner of its function, in limited time and in a subtransaction.

Result: the answer, or SQLSTATE, message and detail of what was raised: UD066 when there is no such function, UD064 when its time ran out, UD202 when too many run already.
Errors: 22023 for an unknown action; what gives up the whole transaction: a cancelled statement, a deadlock, a serialization failure.';

CREATE FUNCTION userdir._ask_custom(c record, wanted text, name text, password userdir.secret, profile jsonb, new_name text, verified boolean, request jsonb,
    OUT action text, OUT function text, OUT answer jsonb, OUT code text, OUT message text, OUT detail text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  action := wanted;
  function := c.options #>> ARRAY['customScripts', wanted];
  IF function IS NULL THEN
    code := 'UD067';
    message := format('connection "%s" has no action "%s"', c.name, wanted);
    RETURN;
  END IF;
  SELECT nullif(a.answer, 'null'), a.code, a.message, a.detail INTO answer, code, message, detail
    FROM userdir._call_custom_action(c.id, wanted, function, name, password, profile, new_name, verified,
                                     request || jsonb_build_object('connection', c.name)) a;
  -- What a profile is said to be has to be an object; the other answers are true, false or nothing by their types.
  IF wanted IN ('login', 'get_user') AND jsonb_typeof(answer) <> 'object' OR wanted = 'change_password' AND jsonb_typeof(answer) NOT IN ('object', 'boolean') THEN
    code := 'UD063';
    message := format('the answer is of type %s', jsonb_typeof(answer));
    answer := NULL;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._ask_custom(record, text, text, userdir.secret, jsonb, text, boolean, jsonb) IS
'Calls an action of the custom database of a connection.

c: a row of _find_connection(). wanted: the action. The rest: what actions are given, each some of it. request: what _login_request() returned.
Result: the action and its function; the answer, null for none; or SQLSTATE, message and detail of what was raised: UD067 when there is no such action, UD063 for an answer of a wrong type, and as in _call_custom_action().';

CREATE FUNCTION userdir._custom_details(asked record) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN jsonb_strip_nulls(jsonb_build_object('action', asked.action, 'function', asked.function, 'sqlstate', asked.code,
                                              'message', left(asked.message, 1024), 'detail', left(asked.detail, 1024)));
END
$$;
COMMENT ON FUNCTION userdir._custom_details(record) IS 'Returns what the log keeps of an action that failed. asked: a row of _ask_custom().';

CREATE FUNCTION userdir._refuse_custom(c record, type text, of_user text, name text, request jsonb, asked record, OUT outcome text, OUT description text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF asked.code = 'UD061' THEN
    outcome := 'unauthorized';
    description := asked.message;
  ELSE
    outcome := 'access_denied';
    description := 'The accounts of this connection cannot be reached at the moment. Please try again later.';
  END IF;
  PERFORM userdir._write_log(type, CASE asked.code WHEN 'UD061' THEN asked.message ELSE format('Action %s of the custom database failed.', asked.action) END,
                             c, of_user, name, request, userdir._custom_details(asked));
END
$$;
COMMENT ON FUNCTION userdir._refuse_custom(record, text, text, text, jsonb, record) IS
'Logs that an action of a custom database failed, and returns the outcome: unauthorized with the message of the action, where it raised UD061, or access_denied with nothing that a stranger could use.

c: a row of _find_connection(). type: of the log. asked: a row of _ask_custom().';

CREATE FUNCTION userdir._raise_custom(c record, asked record) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'action "%" of connection "%" failed', asked.action, c.name
    USING ERRCODE = CASE WHEN asked.code IN ('UD064', 'UD066', 'UD067', 'UD202') THEN asked.code ELSE 'UD063' END,
          DETAIL = format('%s: %s', asked.code, left(asked.message, 1024));
END
$$;
COMMENT ON FUNCTION userdir._raise_custom(record, record) IS
'Raises what an action of a custom database failed with, for an administrator: UD063, or UD064, UD066, UD067 and UD202 where it did not even answer. asked: a row of _ask_custom().';
