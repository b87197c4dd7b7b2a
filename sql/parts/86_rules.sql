-- Rules: what the stages hand to them, and what comes of it.

CREATE FUNCTION userdir._run_rules(stage text, event jsonb, only_trigger text, counts boolean,
    OUT result jsonb, OUT rule text, OUT code text, OUT message text, OUT detail text, OUT hint text, OUT context text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir__run_rules';
COMMENT ON FUNCTION userdir._run_rules(text, jsonb, text, boolean) IS
'Runs the rules of a stage, each with the rights of its owner, all in one subtransaction and within userdir.rules_timeout.

stage: the view. event: an object of its columns. only_trigger: the one trigger that is to run, also when it is switched off; null: all that are not. counts: whether the statistics of the rules count this.
Result: the event as the rules have made it, null when they have failed, and without user and context when this counts; the trigger that has failed or denied; SQLSTATE, message, detail, hint and context of a failure, after which nothing is left of what the rules did.
Errors: UD066 for an unknown stage; 22023 without a stage, or for an event that is no object; 40001 and 40P01, which ask for the transaction to be tried again.';

CREATE FUNCTION userdir._has_rules(stage text) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__has_rules';
COMMENT ON FUNCTION userdir._has_rules(text) IS 'Tells whether a stage has rules that are switched on.';

CREATE FUNCTION userdir._rule_stats(of_trigger oid, OUT calls bigint, OUT failures bigint, OUT mean_ms double precision,
    OUT failed_at timestamptz, OUT code text, OUT message text)
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__rule_stats';
COMMENT ON FUNCTION userdir._rule_stats(oid) IS 'Returns the figures of a rule: of all sessions when the library is preloaded, else of this one.';

CREATE FUNCTION userdir._rule_name(trigger_name text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN trigger_name OPERATOR(pg_catalog.~) '^[0-9]{4}_.' THEN pg_catalog.substr(trigger_name, 6) ELSE trigger_name END $$;
COMMENT ON FUNCTION userdir._rule_name(text) IS 'Returns what a rule is called: the name of its trigger without the order before it.';

CREATE FUNCTION userdir._rule_context(c record, of_client text, request jsonb, protocol text, of_session text, of_user text, logins_count jsonb, methods jsonb) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir__rule_context';
COMMENT ON FUNCTION userdir._rule_context(record, text, jsonb, text, text, text, jsonb, jsonb) IS
'Returns the context of rules, in the model''s shape. c: a row of _find_connection(), or null. request: of _login_request(). of_user, logins_count and methods: null before it is known who logs in.';

CREATE FUNCTION userdir._rule_user(of_user text) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir__rule_user';
COMMENT ON FUNCTION userdir._rule_user(text) IS 'Returns a user as rules see it: the profile, with the properties of app_metadata at its root.';

CREATE FUNCTION userdir._primary_connection(of_user text, OUT id text, OUT name text, OUT strategy text, OUT kind text, OUT provider text, OUT options jsonb)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  SELECT f.id, f.name, f.strategy, f.kind, f.provider, f.options
    INTO _primary_connection.id, _primary_connection.name, _primary_connection.strategy, _primary_connection.kind, _primary_connection.provider,
         _primary_connection.options
    FROM userdir.identities i CROSS JOIN LATERAL userdir._find_connection(i.connection) f WHERE i.user_id = of_user AND i.is_primary;
END
$$;
COMMENT ON FUNCTION userdir._primary_connection(text) IS 'Returns the connection of a user''s primary identity as _find_connection() does.';

CREATE FUNCTION userdir._judge_rules(ran record, OUT outcome text, OUT description text, OUT problem text, OUT details jsonb)
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  details := jsonb_strip_nulls(jsonb_build_object('rule', userdir._rule_name(ran.rule)));
  IF ran.code = 'UD061' OR ran.code IS NULL AND ran.result ? 'denied' THEN
    outcome := 'unauthorized';
    description := left(CASE WHEN ran.code IS NULL THEN ran.result ->> 'denied' ELSE ran.message END, 1000);
    problem := description;
  ELSIF ran.code IS NOT NULL THEN
    outcome := 'rule_failed';
    description := 'A rule failed.';
    problem := left(CASE WHEN ran.rule IS NULL THEN 'What the rules asked for failed: ' ELSE format('Rule "%s" failed: ', userdir._rule_name(ran.rule)) END
                    || ran.message, 1000);
    details := details || jsonb_strip_nulls(jsonb_build_object('sqlstate', ran.code, 'message', left(ran.message, 4000), 'detail', left(ran.detail, 4000),
                                                               'hint', left(ran.hint, 4000), 'context', left(ran.context, 4000)));
  ELSE
    outcome := 'success';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._judge_rules(record) IS
'Tells what comes of a run of rules. ran: a row of _run_rules().

Result: the outcome: success, unauthorized or rule_failed; what the caller is told; what the log tells beside, in words and as an object.';

CREATE FUNCTION userdir._settle_scope(scope jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF jsonb_array_length(scope) > 1000 OR EXISTS (SELECT FROM jsonb_array_elements(scope) e WHERE jsonb_typeof(e) <> 'string' OR e #>> '{}' !~ '^[!#-[\]-~]+$' OR length(e #>> '{}') > 256) THEN
    RAISE EXCEPTION 'scope has an element that is no scope' USING ERRCODE = 'UD066', HINT = 'A scope has no blanks, quotes or backslashes.';
  ELSIF octet_length(scope::text) > 16384 THEN
    RAISE EXCEPTION 'the scopes are longer than 16 kB' USING ERRCODE = 'UD066';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._settle_scope(jsonb) IS 'Raises UD066 unless an array consists of scopes, and not of more than a token can hold.';

CREATE FUNCTION userdir._settle_login(given jsonb, event jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target text := coalesce(event ->> 'primary_user', given ->> 'user_id');
  user_changes jsonb := nullif(event -> 'user_metadata', '{}');
  app_changes jsonb := nullif(event -> 'app_metadata', '{}');
BEGIN
  IF event ? 'redirect' AND (event ->> 'redirect' !~* '^https?://[^[:space:][:cntrl:]<>"]+$' OR length(event ->> 'redirect') > 2048) THEN
    RAISE EXCEPTION 'redirect is no URL of http or https of up to 2048 characters' USING ERRCODE = 'UD066';
  END IF;
  IF event ? 'primary_user' THEN
    IF userdir._lock_for_tokens(target) IS NULL THEN
      RAISE EXCEPTION 'primary_user does not exist' USING ERRCODE = 'UD007', DETAIL = format('user_id: "%s".', left(target, 255));
    END IF;
  END IF;
  IF user_changes IS NOT NULL OR app_changes IS NOT NULL THEN
    UPDATE userdir.users u
       SET user_metadata = CASE WHEN user_changes IS NULL THEN u.user_metadata ELSE userdir.merge_metadata(u.user_metadata, user_changes) END,
           app_metadata = CASE WHEN app_changes IS NULL THEN u.app_metadata ELSE userdir.merge_metadata(u.app_metadata, app_changes) END
     WHERE u.user_id = target;
    IF NOT FOUND THEN
      PERFORM userdir._raise_unknown_user(target);
    END IF;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._settle_login(jsonb, jsonb) IS
'Does what the rules of post_login ask for: stores the metadata in one write, checks where to go on and whose tokens are to be made.

Errors: UD066 for a URL that is none; UD007 when there is no such user; UD005 and 54000 for metadata.';

CREATE FUNCTION userdir._settle_registration(given jsonb, event jsonb) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  merged jsonb := jsonb_strip_nulls(jsonb_build_object(
    'user_metadata', userdir.merge_metadata(given #> '{user,user_metadata}', nullif(event -> 'user_metadata', '{}')),
    'app_metadata', userdir.merge_metadata(given #> '{user,app_metadata}', nullif(event -> 'app_metadata', '{}'))));
BEGIN
  PERFORM userdir.check_metadata(m.key, m.value) FROM jsonb_each(merged) m;
  RETURN event || merged;
END
$$;
COMMENT ON FUNCTION userdir._settle_registration(jsonb, jsonb) IS
'Merges what the rules of pre_user_registration set into the metadata that the new user has anyway, and checks it.

Errors: UD005 and 54000 for metadata that a user cannot have.';

CREATE FUNCTION userdir._settle_rules(stage text, given jsonb, event jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF event ? 'scope' THEN
    PERFORM userdir._settle_scope(event -> 'scope');
  END IF;
  IF stage = 'post_login' THEN
    PERFORM userdir._settle_login(given, event);
  ELSIF stage = 'pre_user_registration' THEN
    RETURN userdir._settle_registration(given, event);
  END IF;
  RETURN event;
END
$$;
COMMENT ON FUNCTION userdir._settle_rules(text, jsonb, jsonb) IS
'Called by _run_rules() when the rules of a stage ask for something: does what may fail, in their subtransaction. given: the event as the rules got it. Returns the event.';

CREATE FUNCTION userdir._is_blocked(of_user text) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 10
  AS 'MODULE_PATHNAME', 'userdir__is_blocked';
COMMENT ON FUNCTION userdir._is_blocked(text) IS 'Tells whether an administrator has blocked a user; null when there is none.';

CREATE FUNCTION userdir._login_event(of_user text, c record, client_id text, request jsonb, protocol text, methods jsonb, id_token_claims jsonb, access_token_claims jsonb, scopes text[]) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 200
  AS 'MODULE_PATHNAME', 'userdir__login_event';
COMMENT ON FUNCTION userdir._login_event(text, record, text, jsonb, text, jsonb, jsonb, jsonb, text[]) IS 'Returns what the rules of post_login get.';

CREATE FUNCTION userdir._run_login_rules(of_user text, c record, client_id text, request jsonb, protocol text, methods jsonb, id_token_claims jsonb, access_token_claims jsonb, scopes text[],
    OUT result jsonb, OUT rule text, OUT code text, OUT message text, OUT detail text, OUT hint text, OUT context text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir__run_login_rules';
COMMENT ON FUNCTION userdir._run_login_rules(text, record, text, jsonb, text, jsonb, jsonb, jsonb, text[]) IS
'Runs the rules of post_login with what _login_event() returns for the same arguments, as _run_rules() does.';

CREATE FUNCTION userdir._post_login(of_user text, c record, request jsonb, protocol text, methods jsonb, id_token_claims jsonb, access_token_claims jsonb, granted text[],
    name text, failure_type text, may_redirect boolean,
    OUT outcome text, OUT description text, OUT user_id text, OUT id_token jsonb, OUT access_token jsonb, OUT scopes text[], OUT redirect text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ran record := userdir._run_login_rules(of_user, c, request ->> 'client_id', request, protocol, methods, id_token_claims, access_token_claims, granted);
  problem text;
  details jsonb;
  is_blocked boolean;
BEGIN
  -- Most end well, and need no judgement.
  IF ran.code IS NULL AND NOT ran.result ? 'denied' THEN
    outcome := 'success';
  ELSE
    SELECT j.outcome, j.description, j.problem, j.details INTO outcome, description, problem, details FROM userdir._judge_rules(ran) j;
  END IF;
  IF outcome = 'success' AND ran.result ? 'redirect' THEN
    redirect := ran.result ->> 'redirect';
    outcome := CASE WHEN may_redirect THEN 'redirect' WHEN protocol = 'redirect-callback' THEN 'rule_failed' ELSE 'interaction_required' END;
    description := CASE outcome WHEN 'rule_failed' THEN 'A rule failed.' WHEN 'interaction_required' THEN 'A rule wants the user to be redirected, which is not possible here.' END;
    problem := CASE outcome WHEN 'rule_failed' THEN 'A rule wants a second redirect in one login.' ELSE description END;
  END IF;
  IF outcome = 'success' THEN
    -- Rules may have blocked or deleted the user.
    user_id := coalesce(ran.result ->> 'primary_user', of_user);
    IF request ? 'client_id' THEN
      is_blocked := userdir._lock_for_tokens(user_id);
    ELSE
      is_blocked := userdir._is_blocked(user_id);
    END IF;
    IF coalesce(is_blocked, true) THEN
      user_id := NULL;
      outcome := 'unauthorized';
      description := CASE WHEN is_blocked THEN 'user is blocked' ELSE 'The user was deleted meanwhile.' END;
      problem := description;
    END IF;
  END IF;
  IF outcome = 'success' THEN
    id_token := ran.result -> 'id_token';
    access_token := ran.result -> 'access_token';
    -- Whether there are refresh tokens is a matter of client and API.
    scopes := granted;
    IF granted IS NOT NULL AND ran.result -> 'scope' IS DISTINCT FROM to_jsonb(granted) THEN
      scopes := ARRAY(SELECT s FROM jsonb_array_elements_text(ran.result -> 'scope') s WHERE s <> 'offline_access' OR s = ANY (granted));
    END IF;
  ELSIF outcome <> 'redirect' THEN
    PERFORM userdir._write_log(failure_type, problem, c, of_user, name, request, details);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._post_login(text, record, jsonb, text, jsonb, jsonb, jsonb, text[], text, text, boolean) IS
'Runs the rules of post_login, and logs it when they end the login.

of_user, c, request, name: as in _finish_login(). protocol: how the user comes in, in the model''s terms. methods: how the user authenticated. id_token_claims, access_token_claims, granted: the claims and scopes as they would be without rules. failure_type: the code for the log. may_redirect: whether the login may be interrupted.
Result: the outcome: success, unauthorized, rule_failed, redirect or interaction_required; a description; the user for whom tokens are made; claims and scopes; where to redirect to.';

CREATE FUNCTION userdir._pre_login(c record, identifier text, request jsonb, OUT outcome text, OUT description text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  judged record := userdir._judge_rules(userdir._run_rules('pre_login', jsonb_strip_nulls(jsonb_build_object('identifier', identifier))
                     || jsonb_build_object('context', userdir._rule_context(c, request ->> 'client_id', request, coalesce(request ->> 'protocol', 'oauth2-password'), NULL, NULL, NULL, NULL)), NULL, true));
BEGIN
  IF judged.outcome <> 'success' THEN
    outcome := judged.outcome;
    description := judged.description;
    PERFORM userdir._write_log('f', judged.problem, c, NULL, identifier, request, judged.details);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._pre_login(record, text, jsonb) IS 'Runs the rules of pre_login; the outcome is null when the login may go on, else it is logged.';

CREATE FUNCTION userdir._pre_registration(c record, body jsonb, request jsonb, name text, OUT outcome text, OUT description text, OUT profile jsonb)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ran record := userdir._run_rules('pre_user_registration', jsonb_build_object(
                  'user', body - '{identities}'::text[], 'context', userdir._rule_context(c, request ->> 'client_id', request, request ->> 'protocol', NULL, NULL, NULL, NULL)), NULL, true);
  judged record := userdir._judge_rules(ran);
BEGIN
  IF judged.outcome = 'success' THEN
    profile := body || jsonb_strip_nulls(jsonb_build_object('user_metadata', ran.result -> 'user_metadata', 'app_metadata', ran.result -> 'app_metadata'));
  ELSE
    outcome := judged.outcome;
    description := judged.description;
    PERFORM userdir._write_log('fs', judged.problem, c, NULL, name, request, judged.details || jsonb_build_object('code', judged.outcome));
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._pre_registration(record, jsonb, jsonb, text) IS
'Runs the rules of pre_user_registration. body: what is to be stored of the new user.

Result: the outcome when the sign-up may not go on, which is logged; else the profile with the metadata that the rules add.';

CREATE FUNCTION userdir._after_rules(stage text, of_user text, c record, request jsonb, name text, failure_type text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  profile jsonb;
  judged record;
BEGIN
  IF NOT userdir._has_rules(stage) THEN
    RETURN;
  END IF;
  profile := userdir._rule_user(of_user);
  judged := userdir._judge_rules(userdir._run_rules(stage, jsonb_build_object(
    'user_id', of_user, 'user', profile,
    'context', userdir._rule_context(c, request ->> 'client_id', request, request ->> 'protocol', NULL, of_user, profile -> 'logins_count', NULL)), NULL, true));
  IF judged.outcome <> 'success' THEN
    PERFORM userdir._write_log(failure_type, judged.problem, c, of_user, name, request, judged.details);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._after_rules(text, text, record, jsonb, text, text) IS
'Runs the rules of a stage that can change nothing any more: post_user_registration or post_change_password. What goes wrong is logged.';
