-- Rules: creating, ordering, switching, listing and trying them. A rule is an INSTEAD OF INSERT row
-- trigger on the view of its stage. PostgreSQL runs triggers in the order of their names, so those
-- that are made here begin with four digits, and what follows them is the rule's name.

CREATE FUNCTION userdir._rule_stages() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT '{pre_login,post_login,pre_user_registration,post_user_registration,post_change_password,credentials_exchange}'::pg_catalog.text[] $$;
COMMENT ON FUNCTION userdir._rule_stages() IS 'Lists the stages of rules.';

CREATE FUNCTION userdir._check_rule_stage(stage text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF coalesce(stage <> ALL (userdir._rule_stages()), true) THEN
    RAISE EXCEPTION 'unknown stage "%"', left(stage, 64) USING ERRCODE = 'UD066', HINT = format('The stages are %s.', array_to_string(userdir._rule_stages(), ', '));
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_rule_stage(text) IS 'Raises UD066 for what is no stage.';

CREATE FUNCTION userdir._check_rule_name(name text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF name IS NULL OR name = '' OR octet_length(name) > 58 OR name ~ '[[:cntrl:]]' THEN
    RAISE EXCEPTION 'the name of a rule must have 1 to 58 bytes, without control characters' USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_rule_name(text) IS 'Raises 22023 for what cannot be the name of a rule.';

CREATE FUNCTION userdir._all_rules(OUT stage text, OUT trigger_id oid, OUT trigger_name text, OUT name text, OUT run_order integer, OUT place integer,
    OUT is_enabled boolean, OUT function oid) RETURNS SETOF record
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 20
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT s.stage, t.oid, t.tgname::text, userdir._rule_name(t.tgname::text),
           CASE WHEN t.tgname::text ~ '^[0-9]{4}_.' THEN left(t.tgname::text, 4)::integer END,
           (row_number() OVER (PARTITION BY s.stage ORDER BY t.tgname))::integer, d.name IS NULL AND t.tgenabled <> 'D', t.tgfoid
      FROM unnest(userdir._rule_stages()) WITH ORDINALITY s (stage, stage_place)
      JOIN pg_class r ON r.oid = to_regclass(format('userdir.%I', s.stage))
      -- INSTEAD OF, INSERT, FOR EACH ROW
      JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal AND (t.tgtype & 71) = 69
      LEFT JOIN userdir.disabled_rules d ON d.stage = s.stage AND d.name = t.tgname::text
     ORDER BY s.stage_place, t.tgname;
END
$$;
COMMENT ON FUNCTION userdir._all_rules() IS 'Lists the rules of all stages, in the order in which they run.';

CREATE FUNCTION userdir._find_rule(wanted text, of_stage text, OUT stage text, OUT trigger_id oid, OUT trigger_name text, OUT name text, OUT run_order integer,
    OUT is_enabled boolean)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_count integer := 0;
  r record;
BEGIN
  IF of_stage IS NOT NULL THEN
    PERFORM userdir._check_rule_stage(of_stage);
  END IF;
  FOR r IN SELECT a.* FROM userdir._all_rules() a WHERE wanted IN (a.name, a.trigger_name) AND (of_stage IS NULL OR a.stage = of_stage) LOOP
    found_count := found_count + 1;
    stage := r.stage;
    trigger_id := r.trigger_id;
    trigger_name := r.trigger_name;
    name := r.name;
    run_order := r.run_order;
    is_enabled := r.is_enabled;
  END LOOP;
  IF found_count = 0 THEN
    RAISE EXCEPTION 'the rule does not exist' USING ERRCODE = 'UD065', DETAIL = coalesce('name: "' || left(wanted, 128) || '".', 'The name is null.'),
      HINT = 'SELECT * FROM userdir.rules lists them.';
  ELSIF found_count > 1 THEN
    RAISE EXCEPTION 'there are several rules "%"', left(wanted, 128) USING ERRCODE = 'invalid_parameter_value', HINT = 'Name the stage, or use the names of their triggers.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._find_rule(text, text) IS
'Finds a rule by its name or that of its trigger, in one stage or all.

Errors: UD065 when there is none; 22023 when there are several; UD066 for an unknown stage.';

CREATE FUNCTION userdir._lock_rules() RETURNS void
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT pg_advisory_xact_lock(hashtext('userdir.rules')) $$;
COMMENT ON FUNCTION userdir._lock_rules() IS 'Lets one transaction at a time change what rules there are.';

CREATE FUNCTION userdir._check_callable(function oid) RETURNS void
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__check_callable';
COMMENT ON FUNCTION userdir._check_callable(oid) IS
'Raises UD066 unless the directory may call a function with the rights of its owner: it is SECURITY DEFINER, or the directory''s owner has those rights.';

CREATE FUNCTION userdir._rule_function(function text) RETURNS oid
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  of_function oid;
  p record;
BEGIN
  BEGIN
    of_function := to_regprocedure(CASE WHEN function ~ '[)][[:space:]]*$' THEN function ELSE function || '()' END)::oid;
  EXCEPTION WHEN syntax_error OR invalid_name OR undefined_object OR name_too_long THEN
    -- What is no name is that of no function.
    of_function := NULL;
  WHEN insufficient_privilege THEN
    RAISE EXCEPTION '%', sqlerrm USING ERRCODE = 'insufficient_privilege',
      HINT = format('The owner of the directory looks the function up, and calls it: GRANT USAGE ON SCHEMA ... TO %I.', current_user);
  END;
  SELECT f.prorettype, f.prosecdef, f.proowner INTO p FROM pg_proc f WHERE f.oid = of_function;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'function % does not exist', left(coalesce(function, 'null'), 255) USING ERRCODE = 'undefined_function', HINT = 'A rule is a function without arguments, named with its schema, as in app.add_roles.';
  ELSIF p.prorettype <> 'trigger'::regtype THEN
    RAISE EXCEPTION 'function % is no trigger function', of_function::regprocedure USING ERRCODE = 'UD066', HINT = 'A rule RETURNS trigger.';
  -- Whoever makes a rule of a function makes it run with the rights of its owner.
  ELSIF NOT has_function_privilege(userdir._api_caller(), of_function, 'EXECUTE') OR NOT (p.prosecdef OR pg_has_role(userdir._api_caller(), p.proowner, 'USAGE')) THEN
    RAISE EXCEPTION 'function % of role "%" is not for role "%" to make a rule of', of_function::regprocedure, pg_get_userbyid(p.proowner), pg_get_userbyid(userdir._api_caller())
      USING ERRCODE = 'insufficient_privilege',
            -- The word apart: tools/check_sql must not take this for a function of ours that is declared so.
            HINT = format('Its owner allows it by ALTER FUNCTION %s SECURITY %s, or calls create_rule() with the bundle admin.', of_function::regprocedure, 'DEFINER');
  END IF;
  PERFORM userdir._check_callable(of_function);
  RETURN of_function;
END
$$;
COMMENT ON FUNCTION userdir._rule_function(text) IS
'Returns the function that is to be a rule.

Errors: 42883 when there is none; UD066 when it is no trigger function, or not for the directory to call; 42501 when it is not for the caller to use.';

CREATE FUNCTION userdir._rule_trigger_name(of_stage text, name text, run_order integer) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted integer := coalesce(run_order, (SELECT coalesce(max(a.run_order), 0) + 1 FROM userdir._all_rules() a WHERE a.stage = of_stage));
  taken_by text := (SELECT a.name FROM userdir._all_rules() a WHERE a.stage = of_stage AND a.run_order = wanted LIMIT 1);
BEGIN
  IF wanted NOT BETWEEN 0 AND 9999 THEN
    RAISE EXCEPTION 'the order of a rule must be between 0 and 9999' USING ERRCODE = 'invalid_parameter_value';
  ELSIF taken_by IS NOT NULL THEN
    RAISE EXCEPTION 'order % of stage % is that of rule "%"', wanted, of_stage, taken_by USING ERRCODE = 'duplicate_object';
  END IF;
  RETURN lpad(wanted::text, 4, '0') || '_' || name;
END
$$;
COMMENT ON FUNCTION userdir._rule_trigger_name(text, text, integer) IS
'Returns what the trigger of a rule is to be called. run_order: null for behind all others.

Errors: 22023 for an order out of its range; 42710 for one that is taken.';

CREATE FUNCTION userdir._require_free_rule_name(wanted text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM userdir._check_rule_name(wanted);
  IF EXISTS (SELECT FROM userdir._all_rules() a WHERE a.name = wanted) THEN
    RAISE EXCEPTION 'rule "%" exists already', wanted USING ERRCODE = 'duplicate_object';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._require_free_rule_name(text) IS 'Raises 22023 for what cannot be the name of a rule, 42710 for one that there is.';

CREATE FUNCTION userdir._create_rule(name text, stage text, function text, run_order integer) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  trigger_name text;
  of_function oid;
BEGIN
  PERFORM userdir._check_rule_stage(stage);
  of_function := userdir._rule_function(function);
  PERFORM userdir._lock_rules();
  PERFORM userdir._require_free_rule_name(name);
  trigger_name := userdir._rule_trigger_name(stage, name, run_order);
  -- What a rule of this name that was dropped by hand has left.
  DELETE FROM userdir.disabled_rules d WHERE d.stage = _create_rule.stage AND d.name = trigger_name;
  EXECUTE format('CREATE TRIGGER %I INSTEAD OF INSERT ON userdir.%I FOR EACH ROW EXECUTE FUNCTION %s()', trigger_name, stage, of_function::regproc);
  RETURN trigger_name;
END
$$;
COMMENT ON FUNCTION userdir._create_rule(text, text, text, integer) IS 'Body of create_rule().';

CREATE FUNCTION userdir.create_rule(name text, stage text, function text, run_order integer DEFAULT NULL) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.create_rule(text, text, text, integer) IS
'Makes a rule of a trigger function, which runs from then on at every login, sign-up or whatever the stage is, with the rights of the function''s owner. It is a convenience over CREATE TRIGGER, which the owner of the directory may use as well.

name: what it is called. stage: pre_login, post_login, pre_user_registration, post_user_registration, post_change_password or credentials_exchange. function: its name with its schema. run_order: its place, from 0 to 9999, which no other rule of the stage has; null: behind all others.
Result: the name of its trigger: the order in four digits, an underscore, and the name.
Errors: UD066 for an unknown stage or what is no trigger function; 42883 when there is no such function; 42501 for the function of somebody else that is not SECURITY DEFINER; 42710 when name or order are taken; 22023 for a name or order that cannot be one.';

CREATE FUNCTION userdir._drop_rule(name text, stage text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r record;
BEGIN
  PERFORM userdir._lock_rules();
  r := userdir._find_rule(name, stage);
  EXECUTE format('DROP TRIGGER %I ON userdir.%I', r.trigger_name, r.stage);
  DELETE FROM userdir.disabled_rules d WHERE d.stage = r.stage AND d.name = r.trigger_name;
END
$$;
COMMENT ON FUNCTION userdir._drop_rule(text, text) IS 'Body of drop_rule().';

CREATE FUNCTION userdir.drop_rule(name text, stage text DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.drop_rule(text, text) IS
'Takes a rule away; its function stays.

name: that of the rule or of its trigger. stage: its stage, where several rules have the name.
Errors: UD065 when there is none; 22023 when there are several; UD066 for an unknown stage.';

CREATE FUNCTION userdir._rename_rule_trigger(r record, new_trigger text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('ALTER TRIGGER %I ON userdir.%I RENAME TO %I', r.trigger_name, r.stage, new_trigger);
  UPDATE userdir.disabled_rules d SET name = new_trigger WHERE d.stage = r.stage AND d.name = r.trigger_name;
END
$$;
COMMENT ON FUNCTION userdir._rename_rule_trigger(record, text) IS 'Renames the trigger that a rule is, which stays switched off where it was. r: a row of _find_rule().';

CREATE FUNCTION userdir._rename_rule(name text, new_name text, stage text) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r record;
  new_trigger text;
BEGIN
  PERFORM userdir._lock_rules();
  r := userdir._find_rule(name, stage);
  PERFORM userdir._require_free_rule_name(new_name);
  new_trigger := CASE WHEN r.run_order IS NULL THEN new_name ELSE lpad(r.run_order::text, 4, '0') || '_' || new_name END;
  PERFORM userdir._rename_rule_trigger(r, new_trigger);
  RETURN new_trigger;
END
$$;
COMMENT ON FUNCTION userdir._rename_rule(text, text, text) IS 'Body of rename_rule().';

CREATE FUNCTION userdir.rename_rule(name text, new_name text, stage text DEFAULT NULL) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.rename_rule(text, text, text) IS
'Gives a rule another name; its order stays.

name, stage: as in drop_rule(). new_name: one that no rule has.
Result: the new name of its trigger.
Errors: as in drop_rule(); 42710 when the name is taken; 22023 for what cannot be one.';

CREATE FUNCTION userdir._move_rule(name text, run_order integer, stage text) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r record;
  new_trigger text;
BEGIN
  PERFORM userdir._lock_rules();
  r := userdir._find_rule(name, stage);
  IF r.run_order = _move_rule.run_order THEN
    RETURN r.trigger_name;
  END IF;
  PERFORM userdir._check_rule_name(r.name);
  new_trigger := userdir._rule_trigger_name(r.stage, r.name, run_order);
  PERFORM userdir._rename_rule_trigger(r, new_trigger);
  RETURN new_trigger;
END
$$;
COMMENT ON FUNCTION userdir._move_rule(text, integer, text) IS 'Body of move_rule().';

CREATE FUNCTION userdir.move_rule(name text, run_order integer DEFAULT NULL, stage text DEFAULT NULL) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.move_rule(text, integer, text) IS
'Gives a rule another place among those of its stage.

name, stage: as in drop_rule(). run_order: as in create_rule().
Result: the new name of its trigger.
Errors: as in drop_rule(); 42710 when the order is taken; 22023 for one out of its range.';

CREATE FUNCTION userdir._switch_rule(of_name text, of_stage text, enabled boolean) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r record;
BEGIN
  PERFORM userdir._lock_rules();
  r := userdir._find_rule(of_name, of_stage);
  IF enabled THEN
    DELETE FROM userdir.disabled_rules d WHERE d.stage = r.stage AND d.name = r.trigger_name;
  ELSE
    INSERT INTO userdir.disabled_rules (stage, name) VALUES (r.stage, r.trigger_name) ON CONFLICT DO NOTHING;
  END IF;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION userdir._switch_rule(text, text, boolean) IS 'Switches a rule on or off; false when it is so already.';

CREATE FUNCTION userdir._enable_rule(name text, stage text) RETURNS boolean
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT userdir._switch_rule(name, stage, true) $$;
COMMENT ON FUNCTION userdir._enable_rule(text, text) IS 'Body of enable_rule().';

CREATE FUNCTION userdir.enable_rule(name text, stage text DEFAULT NULL) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.enable_rule(text, text) IS
'Switches a rule on again.

name, stage, errors: as in drop_rule().
Result: true, or false when it was on.';

CREATE FUNCTION userdir._disable_rule(name text, stage text) RETURNS boolean
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT userdir._switch_rule(name, stage, false) $$;
COMMENT ON FUNCTION userdir._disable_rule(text, text) IS 'Body of disable_rule().';

CREATE FUNCTION userdir.disable_rule(name text, stage text DEFAULT NULL) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.disable_rule(text, text) IS
'Switches a rule off. It stays where it is, also in a dump, and does not run.

name, stage, errors: as in drop_rule().
Result: true, or false when it was off.';

CREATE FUNCTION userdir._list_rules() RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
             'stage', a.stage, 'position', a.place, 'order', a.run_order, 'name', a.name, 'trigger_name', a.trigger_name,
             'state', CASE WHEN a.is_enabled THEN 'enabled' ELSE 'disabled' END,
             'function', a.function::regprocedure::text, 'owner', pg_get_userbyid(p.proowner), 'calls', s.calls, 'failures', s.failures,
             'mean_ms', round(s.mean_ms::numeric, 3), 'last_error_at', s.failed_at, 'last_sqlstate', s.code, 'last_error', s.message))
             ORDER BY array_position(userdir._rule_stages(), a.stage), a.place), '[]')
      FROM userdir._all_rules() a JOIN pg_proc p ON p.oid = a.function CROSS JOIN LATERAL userdir._rule_stats(a.trigger_id) s);
END
$$;
COMMENT ON FUNCTION userdir._list_rules() IS 'Body of list_rules().';

CREATE FUNCTION userdir.list_rules() RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.list_rules() IS
'Returns the rules of all stages as a JSON array, in the order in which they run. The view userdir.rules shows the same as rows.

Result: objects of stage, position, order, name, trigger_name, state (enabled or disabled), function, owner, calls, failures, mean_ms, and last_error_at, last_sqlstate and last_error, which are missing while a rule has not failed. The figures are those of all sessions since the server started when userdir is preloaded, else those of this session.';

CREATE FUNCTION userdir._trial_event(stage text, of_user text, request jsonb) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record := CASE WHEN request ? 'connection' THEN userdir._find_connection(request ->> 'connection') ELSE userdir._primary_connection(of_user) END;
  profile jsonb := userdir._rule_user(of_user);
  context jsonb;
BEGIN
  IF profile IS NULL AND stage IN ('post_login', 'post_user_registration', 'post_change_password') THEN
    PERFORM userdir._raise_unknown_user(of_user);
  END IF;
  context := userdir._rule_context(c, request ->> 'client_id', request, coalesce(request ->> 'protocol', 'oidc-basic-profile'), request ->> 'session_id', of_user,
                                   profile -> 'logins_count', request #> '{authentication,methods}');
  RETURN CASE stage
    WHEN 'pre_login' THEN jsonb_strip_nulls(jsonb_build_object('identifier', coalesce(request ->> 'identifier', profile ->> 'email'))) || jsonb_build_object('context', context)
    WHEN 'pre_user_registration' THEN jsonb_build_object('user', coalesce(request -> 'user', profile, '{}'), 'context', context)
    WHEN 'credentials_exchange' THEN userdir._client_event(request ->> 'client_id', request ->> 'audience', string_to_array(request ->> 'scope', ' '), context)
    WHEN 'post_login' THEN userdir._login_event(of_user, c, request ->> 'client_id', request, coalesce(request ->> 'protocol', 'oidc-basic-profile'),
                                                request #> '{authentication,methods}', request -> 'id_token', request -> 'access_token',
                                                string_to_array(coalesce(request ->> 'scope', 'openid profile email'), ' '))
    ELSE jsonb_build_object('user_id', of_user, 'user', profile, 'context', context) END;
END
$$;
COMMENT ON FUNCTION userdir._trial_event(text, text, jsonb) IS 'Returns the event with which rules are tried. request: of _login_request().';

CREATE FUNCTION userdir._try_rule(name text, user_id text, context jsonb, stage text) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r record;
  of_stage text := coalesce(stage, 'post_login');
  only_trigger text;
  event jsonb;
  ran record;
  judged record;
BEGIN
  IF name IS NOT NULL THEN
    r := userdir._find_rule(name, stage);
    of_stage := r.stage;
    only_trigger := r.trigger_name;
  END IF;
  PERFORM userdir._check_rule_stage(of_stage);
  event := userdir._trial_event(of_stage, user_id, userdir._login_request(context ->> 'client_id', context ->> 'audience', context ->> 'scope', context));
  BEGIN
    ran := userdir._run_rules(of_stage, event, only_trigger, false);
    RAISE EXCEPTION USING ERRCODE = 'UD063';
  EXCEPTION WHEN SQLSTATE 'UD063' THEN
    -- Nothing of what the rules did stays but what they have returned.
    judged := userdir._judge_rules(ran);
  END;
  RETURN jsonb_strip_nulls(jsonb_build_object('stage', of_stage, 'outcome', judged.outcome, 'description', judged.description, 'rule', userdir._rule_name(ran.rule),
                                              'error', CASE WHEN ran.code IS NOT NULL THEN judged.details - 'rule' END))
         || jsonb_build_object('before', event) || CASE WHEN ran.code IS NULL THEN jsonb_build_object('after', ran.result) ELSE '{}' END;
END
$$;
COMMENT ON FUNCTION userdir._try_rule(text, text, jsonb, text) IS 'Body of try_rule().';

CREATE FUNCTION userdir.try_rule(name text, user_id text DEFAULT NULL, context jsonb DEFAULT '{}', stage text DEFAULT NULL) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.try_rule(text, text, jsonb, text) IS
'Runs one rule, also one that is switched off, or all of a stage, and shows what they make of an event. Nothing is stored, neither by the rules nor for them, and nobody is logged in.

name: the rule; null: all of the stage that are switched on. user_id: the user; not needed for pre_login, pre_user_registration and credentials_exchange. context: as in login(), and client_id, audience, scope, connection, protocol, id_token and access_token, the claims so far, identifier for pre_login, user for pre_user_registration. stage: by default that of the rule, or post_login.
Result: an object of stage; outcome: success, unauthorized or rule_failed; description, what a caller would be told; rule, which has denied or failed; error, an object of sqlstate, message, detail, hint and context; before and after, the event.
Errors: UD065 for an unknown rule; UD066 for an unknown stage; UD007 for an unknown user; UD009 for an unknown client of credentials_exchange; 22023 for a bad context.';
