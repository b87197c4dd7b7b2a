-- Password policies: what a new password has to be like, by the options of its connection.

CREATE FUNCTION userdir._check_password_options(strategy text, options jsonb) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_password_options';
COMMENT ON FUNCTION userdir._check_password_options(text, jsonb) IS
'Raises UD001, naming the option, unless the options of a connection that concern passwords are valid.';

CREATE FUNCTION userdir._password_history_size(options jsonb) RETURNS integer
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__password_history_size';
COMMENT ON FUNCTION userdir._password_history_size(jsonb) IS
'Returns how many earlier passwords the options of a connection refuse, 0 for none.

Errors: UD001 for options that are not valid.';

CREATE FUNCTION userdir._judge_password(options jsonb, profiles jsonb, context text[], password userdir.secret,
    in_history boolean, breached boolean) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000
  AS 'MODULE_PATHNAME', 'userdir__judge_password';
COMMENT ON FUNCTION userdir._judge_password(jsonb, jsonb, text[], userdir.secret, boolean, boolean) IS
'Reports what the options of a connection say of a password.

profiles: what is known of the user, an object or several in an array. context: the names of the place. in_history, breached: null leaves the rule out.
Errors: UD001 for options that are not valid.';

CREATE FUNCTION userdir._refuse_password(name text, message text, detail text) RETURNS void
  LANGUAGE c VOLATILE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__refuse_password';
COMMENT ON FUNCTION userdir._refuse_password(text, text, text) IS
'Raises UD031, the password was refused, with a message behind that and a detail; the name is that of a constraint.';

CREATE FUNCTION userdir._is_in_password_history(user_id text, password userdir.secret, size integer) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000000
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  hash text;
BEGIN
  FOR hash IN SELECT h.hash FROM userdir.password_history h
               WHERE h.user_id = _is_in_password_history.user_id ORDER BY h.set_at DESC LIMIT size
  LOOP
    IF userdir._verify_password(password, hash) THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END
$$;
COMMENT ON FUNCTION userdir._is_in_password_history(text, userdir.secret, integer) IS
'Returns whether a password is one of the last that a user has set. It takes the time of as many verifications.

Errors: as in _verify_password().';

CREATE FUNCTION userdir._remember_password(user_id text, hash text, size integer) RETURNS void
  LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF size > 0 THEN
    INSERT INTO userdir.password_history (user_id, hash) VALUES (_remember_password.user_id, _remember_password.hash)
      ON CONFLICT DO NOTHING;
  END IF;
  DELETE FROM userdir.password_history h
   WHERE h.user_id = _remember_password.user_id
     AND h.hash IN (SELECT o.hash FROM userdir.password_history o
                     WHERE o.user_id = _remember_password.user_id ORDER BY o.set_at DESC OFFSET size);
END
$$;
COMMENT ON FUNCTION userdir._remember_password(text, text, integer) IS
'Keeps the hash of a password that a user has just set, and the ones before it up to size; 0 keeps none.

Errors: 23503 when the user does not exist.';

CREATE FUNCTION userdir._fill_message(rule jsonb) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  message text := rule ->> 'message';
  value text;
BEGIN
  IF rule ? 'format' THEN
    FOR value IN SELECT v FROM jsonb_array_elements_text(rule -> 'format') v LOOP
      message := CASE WHEN message ~ '%[ds]' THEN regexp_replace(message, '%[ds]', value) ELSE message || ' ' || value END;
    END LOOP;
  END IF;
  RETURN message;
END
$$;
COMMENT ON FUNCTION userdir._fill_message(jsonb) IS
'Returns the message of a rule with its values in their places.';

CREATE FUNCTION userdir._explain_rules(rules jsonb) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT string_agg('* ' || userdir._fill_message(r.rule)
                            || coalesce((SELECT string_agg(E'\n * ' || (i.item ->> 'message'), '' ORDER BY i.place)
                                           FROM jsonb_array_elements(r.rule -> 'items') WITH ORDINALITY i (item, place)), ''),
                            E'\n' ORDER BY r.place)
            FROM jsonb_array_elements(rules) WITH ORDINALITY r (rule, place));
END
$$;
COMMENT ON FUNCTION userdir._explain_rules(jsonb) IS
'Returns the rules of a report as a list to be read.';

CREATE FUNCTION userdir._password_rejection(report jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  broken text[];
  rejection jsonb;
BEGIN
  IF (report -> 'verified')::boolean THEN
    RETURN NULL;
  END IF;
  broken := ARRAY(SELECT r ->> 'code' FROM jsonb_array_elements(report -> 'rules') r WHERE NOT (r -> 'verified')::boolean);
  rejection := CASE
    WHEN NOT broken <@ '{dictionary,contextWords,userInfo,history,breached}' THEN
      jsonb_build_object('name', 'PasswordStrengthError', 'message', 'Password is too weak',
                         'policy', userdir._explain_rules(report -> 'rules'))
    WHEN broken && '{dictionary}' THEN
      '{"name": "PasswordDictionaryError", "message": "Password is too common"}'
    WHEN broken && '{userInfo,contextWords}' THEN
      '{"name": "PasswordNoUserInfoError", "message": "Password contains user information"}'
    WHEN broken && '{history}' THEN
      '{"name": "PasswordHistoryError", "message": "Password has previously been used"}'
    ELSE
      '{"name": "PasswordLeakedError", "message": "Password is known from a data breach", "code": "password_leaked"}'
  END;
  RETURN jsonb_build_object('code', 'invalid_password', 'statusCode', 400, 'description', report) || rejection;
END
$$;
COMMENT ON FUNCTION userdir._password_rejection(jsonb) IS
'Returns why a report refuses a password, as the model has it, or null when it does not.

Result: an object with code (invalid_password or password_leaked), name (PasswordStrengthError, PasswordDictionaryError, PasswordNoUserInfoError, PasswordHistoryError, PasswordLeakedError; the first that applies), message, description, which is the report, statusCode, and for PasswordStrengthError policy, the rules as a list to be read.';

CREATE FUNCTION userdir._check_password_policy(connection text, profile jsonb, password userdir.secret) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record;
  stored jsonb;
  history_size integer;
  stage text;
  in_history boolean;
  breached boolean;
BEGIN
  SELECT * INTO c FROM userdir._find_connection(connection);
  IF c.kind <> 'database' THEN
    RAISE EXCEPTION 'connection "%" has no passwords', c.name
      USING ERRCODE = 'UD006', DETAIL = format('Its strategy is "%s".', c.strategy);
  END IF;
  IF jsonb_typeof(profile) <> 'object' THEN
    RAISE EXCEPTION 'a user must be a JSON object' USING ERRCODE = 'UD004';
  END IF;
  IF profile ->> 'user_id' IS NOT NULL THEN
    stored := userdir._users_json(ARRAY[profile ->> 'user_id']) -> 0;
  END IF;
  stage := CASE WHEN stored IS NULL THEN 'pre-user-registration' ELSE 'pre-change-password' END;

  history_size := userdir._password_history_size(c.options);
  IF stored IS NOT NULL AND history_size > 0 AND password IS NOT NULL THEN
    in_history := userdir._is_in_password_history(stored ->> 'user_id', password, history_size);
  END IF;
  IF c.options ->> 'passwordPolicy' = 'nist'
     OR (SELECT p.breached_password_detection FROM userdir.attack_protection p)
        @> jsonb_build_object('enabled', true, 'stage', jsonb_build_object(stage, '{"shields": ["block"]}'::jsonb)) THEN
    breached := coalesce(userdir._is_breached(password), false);
  END IF;

  RETURN userdir._judge_password(c.options, jsonb_build_array(coalesce(stored, '{}'), coalesce(profile, '{}')),
                                 ARRAY[c.name, (SELECT n.display_name FROM userdir.connections n WHERE n.id = c.id),
                                       (SELECT d.name FROM userdir.directory d)],
                                 password, in_history, breached);
END
$$;
COMMENT ON FUNCTION userdir._check_password_policy(text, jsonb, userdir.secret) IS 'Body of check_password_policy().';

CREATE FUNCTION userdir.check_password_policy(connection text, profile jsonb, password userdir.secret) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.check_password_policy(text, jsonb, userdir.secret) IS
'Explains, rule by rule, whether a password may be that of a user: for a form that shows progress.

connection: its name or id; its options are the policy. profile: the user as in create_user(), null when nothing is known; with the user_id of a user who exists, what is stored of that user counts as well, and earlier passwords. Give a user_id only for a user who is logged in: the answer tells about earlier passwords. password: null is as good as empty.
Result: {"rules": [...], "verified": false}. A rule has code, message, verified; where the message has %d or %s, format with the values; about classes of characters items, which have code, message and verified. The codes are nonEmpty, lengthAtLeast, shouldContain, containsAtLeast (with lowerCase, upperCase, numbers, specialCharacters), identicalChars, sequentialChars, maxLength; dictionary, contextWords, userInfo, history, breached. A rule that is not part of the policy is left out.
Errors: UD008 when the connection does not exist; UD006 when it has no passwords; UD004 when profile is no object; UD201 when too many passwords are being hashed.';

CREATE FUNCTION userdir._require_password_policy(connection text, profile jsonb, password userdir.secret) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  rejection jsonb := userdir._password_rejection(userdir._check_password_policy(connection, profile, password));
BEGIN
  PERFORM userdir._refuse_password(rejection ->> 'name', rejection ->> 'message', rejection::text);
END
$$;
COMMENT ON FUNCTION userdir._require_password_policy(text, jsonb, userdir.secret) IS
'Raises UD031 unless a password may be that of a user: the detail is what _password_rejection() returns, the name of the constraint its name.

Errors: as in check_password_policy(), and UD031.';
