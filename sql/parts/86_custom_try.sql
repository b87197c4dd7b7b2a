-- Custom databases: trying an action.

CREATE FUNCTION userdir._describe_custom(asked record) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE
    WHEN asked.code = 'UD060' THEN 'wrong_password'
    WHEN asked.code = 'UD061' THEN 'unauthorized'
    WHEN asked.code = 'UD062' THEN 'validation_error'
    WHEN asked.code = 'UD064' THEN 'time_out'
    WHEN asked.code IN ('UD066', 'UD067') THEN 'missing'
    WHEN asked.code IS NOT NULL THEN 'failed'
    WHEN asked.action IN ('login', 'get_user') THEN CASE WHEN asked.answer IS NULL THEN 'not_found' ELSE 'found' END
    WHEN asked.action IN ('create', 'delete') THEN CASE WHEN asked.answer = 'false' THEN 'refused' ELSE 'done' END
    WHEN coalesce(asked.answer, 'false') = 'false' THEN 'refused'
    ELSE 'done' END;
END
$$;
COMMENT ON FUNCTION userdir._describe_custom(record) IS 'Returns in a word how an action of a custom database ended. asked: a row of _ask_custom().';

CREATE FUNCTION userdir._check_custom_names(c record, fresh jsonb, OUT code text, OUT message text, OUT detail text)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found record := userdir._find_identity(fresh ->> 'user_id');
  taken text[];
BEGIN
  IF found.user_id IS NOT NULL THEN
    PERFORM userdir._check_same_connection(c, found);
  END IF;
  -- Whoever was imported is not brought up to date any more, and so takes no name.
  IF found.user_id IS NULL OR userdir._custom_mode(c.options) = 'legacy' THEN
    taken := ARRAY(SELECT r.identifier_kind FROM userdir._identifier_rows(c.kind, c.name, fresh) r
                     JOIN userdir.identifiers n ON n.value = r.value AND n.kind = r.identifier_kind AND n.connection = r.scope
                    WHERE n.user_id IS DISTINCT FROM found.user_id);
    IF taken <> '{}' THEN
      PERFORM userdir._raise_user_exists(taken, c.name);
    END IF;
  END IF;
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
END
$$;
COMMENT ON FUNCTION userdir._check_custom_names(record, jsonb) IS
'Tells whether id and names of a user of a custom database are free here, or that user''s. fresh: what _custom_profile() returned.

Result: nulls; or 23505, message and detail.';

CREATE FUNCTION userdir._try_custom_database(connection text, action text, identifier text, password userdir.secret, profile jsonb, context jsonb,
    OUT outcome text, OUT answer jsonb, OUT would_be jsonb, OUT code text, OUT message text, OUT detail text, OUT milliseconds numeric)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  c record := userdir._find_password_connection(connection);
  request jsonb := userdir._login_request(NULL, NULL, NULL, context);
  started timestamptz;
  asked record;
  read record;
  names record;
BEGIN
  PERFORM userdir._check_action_name(action);
  BEGIN
    started := clock_timestamp();
    asked := userdir._ask_custom(c, action, identifier, password, profile, profile ->> 'email', coalesce((profile -> 'email_verified') = 'true', false), request);
    milliseconds := round(extract(epoch FROM clock_timestamp() - started) * 1000, 1);
    RAISE EXCEPTION 'nothing of it is to stay' USING ERRCODE = 'UD999';
  EXCEPTION WHEN SQLSTATE 'UD999' THEN
    outcome := userdir._describe_custom(asked);
    answer := asked.answer;
    code := asked.code;
    message := asked.message;
    detail := asked.detail;
  END;
  IF action IN ('login', 'get_user') AND answer IS NOT NULL THEN
    read := userdir._read_custom(c, asked);
    would_be := read.fresh;
    code := read.code;
    message := read.message;
    IF code IS NULL THEN
      names := userdir._check_custom_names(c, would_be);
      code := names.code;
      message := names.message;
      detail := names.detail;
    END IF;
    outcome := CASE WHEN code IS NULL THEN outcome ELSE 'failed' END;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._try_custom_database(text, text, text, userdir.secret, jsonb, jsonb) IS 'Body of try_custom_database().';

CREATE FUNCTION userdir.try_custom_database(connection text, action text, identifier text DEFAULT NULL, password userdir.secret DEFAULT NULL,
    profile jsonb DEFAULT '{}', context jsonb DEFAULT '{}',
    OUT outcome text, OUT answer jsonb, OUT would_be jsonb, OUT code text, OUT message text, OUT detail text, OUT milliseconds numeric)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.try_custom_database(text, text, text, userdir.secret, jsonb, jsonb) IS
'Calls an action of a custom database, in whatever mode the connection is, and tells what came of it. Nothing is counted, logged or imported, and what the action has written is rolled back, here and in every database that takes part in the transaction; others keep it.

connection: its name or id. action: login, get_user, create, verify, change_password, delete or change_email. identifier: the e-mail address or other name that the action is about; for delete the id. password: for login, create and change_password. profile: of the new user for create; {"email": ..., "email_verified": ...} for change_email. context: as in login().
Result: one row. outcome: found or not_found, done or refused, wrong_password, unauthorized, validation_error, time_out, missing (there is no such function), or failed. answer: what the action returned. would_be: the profile that this becomes here. code, message, detail: the error, its SQLSTATE first; 23505 for an id or a name that somebody else has here. milliseconds: how long it took.
Errors: UD008 for an unknown connection; UD006 for one without passwords; 22023 for an unknown action or a bad context.';
