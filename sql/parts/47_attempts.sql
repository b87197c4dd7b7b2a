-- Failed logins: counting them, and the blocks that come of it.

-- The table in shared memory, where the library is preloaded.

CREATE FUNCTION userdir._attempts_shared() RETURNS boolean
  LANGUAGE c STABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__attempts_shared';
COMMENT ON FUNCTION userdir._attempts_shared() IS
'Tells whether attempts are counted in shared memory, where no ROLLBACK can reach them, or in rows.';

CREATE FUNCTION userdir._attempt_who(salt bytea, connection text, identifier text) RETURNS bytea
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__attempt_who';
COMMENT ON FUNCTION userdir._attempt_who(bytea, text, text) IS
'Returns the 16 bytes by which counters know an identifier of a connection, as it is looked up: lower-cased in ASCII. Null counts as empty.';

CREATE FUNCTION userdir._shared_attempts_forget_all(who bytea, moment timestamptz) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__shared_attempts_forget_all';
COMMENT ON FUNCTION userdir._shared_attempts_forget_all(bytea, timestamptz) IS
'Removes what stands against an identifier in shared memory, from every address; tells whether there was anything.';

CREATE FUNCTION userdir._shared_attempts_list(who bytea[], OUT kind text, OUT who bytea, OUT address inet,
    OUT level double precision, OUT expires_at timestamptz) RETURNS SETOF record
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE ROWS 10
  AS 'MODULE_PATHNAME', 'userdir__shared_attempts_list';
COMMENT ON FUNCTION userdir._shared_attempts_list(bytea[]) IS
'Lists what stands against identifiers in shared memory, but not what has become an estimate.';

CREATE FUNCTION userdir._shared_attempts_status(moment timestamptz, OUT capacity bigint, OUT used bigint, OUT estimated bigint, OUT bytes bigint)
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__shared_attempts_status';
COMMENT ON FUNCTION userdir._shared_attempts_status(timestamptz) IS
'Tells how full the table in shared memory is; null where there is none.';

-- The same in rows.

CREATE FUNCTION userdir._attempt_level_at(level double precision, counted_at timestamptz, expires_at timestamptz,
    rate_ms double precision, moment timestamptz) RETURNS double precision
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE WHEN moment >= expires_at THEN 0
              WHEN rate_ms <= 0 OR moment <= counted_at THEN level
              ELSE greatest(level - extract(epoch FROM moment - counted_at)::double precision * 1000 / rate_ms, 0) END;
END
$$;
COMMENT ON FUNCTION userdir._attempt_level_at(double precision, timestamptz, timestamptz, double precision, timestamptz) IS
'Returns what is left of a level at some time: it fades by one in every interval of rate_ms, or not at all until it expires.';

CREATE FUNCTION userdir._row_attempts_add(kind text, who bytea, address inet, rate_ms double precision,
    ceiling double precision, lifetime_ms double precision, moment timestamptz,
    OUT before double precision, OUT after double precision)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  place inet := coalesce(address, inet '0.0.0.0/0');
  counted timestamptz;
BEGIN
  -- Again when somebody has removed the row between the two statements.
  LOOP
    INSERT INTO userdir.login_attempts (who, kind, address, level, counted_at, expires_at)
      VALUES (_row_attempts_add.who, _row_attempts_add.kind, place, 0, moment, moment) ON CONFLICT DO NOTHING;
    SELECT userdir._attempt_level_at(a.level, a.counted_at, a.expires_at, rate_ms, moment), a.counted_at INTO before, counted
      FROM userdir.login_attempts a
     WHERE a.who = _row_attempts_add.who AND a.kind = _row_attempts_add.kind AND a.address = place FOR UPDATE;
    EXIT WHEN FOUND;
  END LOOP;

  after := greatest(before, least(before + 1, ceiling));
  counted := CASE WHEN before > 0 THEN greatest(counted, moment) ELSE moment END;
  UPDATE userdir.login_attempts a
     SET level = after, counted_at = counted,
         expires_at = counted + CASE WHEN rate_ms > 0 THEN after * rate_ms ELSE lifetime_ms END * interval '1 millisecond'
   WHERE a.who = _row_attempts_add.who AND a.kind = _row_attempts_add.kind AND a.address = place;
END
$$;
COMMENT ON FUNCTION userdir._row_attempts_add(text, bytea, inet, double precision, double precision, double precision, timestamptz) IS
'Counts an attempt in a row; see _attempts_add().';

-- In shared memory or in rows, whichever this server has.

CREATE FUNCTION userdir._attempts_add(kind text, who bytea, address inet, rate_ms double precision,
    ceiling double precision, moment timestamptz, OUT before double precision, OUT after double precision)
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__attempts_add';
COMMENT ON FUNCTION userdir._attempts_add(text, bytea, inet, double precision, double precision, timestamptz) IS
'Counts an attempt.

kind: identifier_ip, identifier, login_ip or signup_ip. who: what _attempt_who() returns. address: null where none belongs to the key. rate_ms: the interval in which one attempt fades; 0: none does, all are forgotten 30 days after the last. ceiling: the level does not grow above it. moment: the time.
Result: the level before and after.';

CREATE FUNCTION userdir._attempts_read(kind text, who bytea, address inet, rate_ms double precision, moment timestamptz,
    OUT level double precision, OUT expires_at timestamptz)
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__attempts_read';
COMMENT ON FUNCTION userdir._attempts_read(text, bytea, inet, double precision, timestamptz) IS
'Tells what stands against a key.

Arguments as of _attempts_add(). Result: the level at that time, and when nothing will be left of it.';

CREATE FUNCTION userdir._attempts_forget(kind text, who bytea, address inet, moment timestamptz) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__attempts_forget';
COMMENT ON FUNCTION userdir._attempts_forget(text, bytea, inet, timestamptz) IS
'Removes what stands against a key; tells whether there was anything.';

CREATE FUNCTION userdir._attempts_forget_all(who bytea, moment timestamptz) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  had_any boolean;
BEGIN
  IF userdir._attempts_shared() THEN
    RETURN userdir._shared_attempts_forget_all(who, moment);
  END IF;
  WITH gone AS (DELETE FROM userdir.login_attempts a WHERE a.who = _attempts_forget_all.who RETURNING a.expires_at)
  SELECT bool_or(g.expires_at > moment) INTO had_any FROM gone g;
  RETURN coalesce(had_any, false);
END
$$;
COMMENT ON FUNCTION userdir._attempts_forget_all(bytea, timestamptz) IS
'Removes what stands against an identifier, from every address; tells whether there was anything.';

-- What the login calls.

CREATE FUNCTION userdir._login_name(identifier text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT pg_catalog."left"(coalesce(identifier, ''), 1024) $$;
COMMENT ON FUNCTION userdir._login_name(text) IS
'Returns what is looked up, counted and logged of an identifier that somebody has typed: no more than 1024 characters.';

CREATE FUNCTION userdir._guards_identifiers(options jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT coalesce(options OPERATOR(pg_catalog.->) 'brute_force_protection' OPERATOR(pg_catalog.<>) 'false', true)
$$;
COMMENT ON FUNCTION userdir._guards_identifiers(jsonb) IS
'Tells whether failed logins of identifiers count at a connection: unless its option brute_force_protection is false.';

CREATE FUNCTION userdir._attempt_allowed(connection text, identifier text, ip inet, stage text DEFAULT 'pre-login',
    moment timestamptz DEFAULT clock_timestamp(), guarded boolean DEFAULT true, OUT allowed boolean, OUT reason text, OUT until timestamptz)
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__attempt_allowed';
COMMENT ON FUNCTION userdir._attempt_allowed(text, text, inet, text, timestamptz, boolean) IS
'Tells whether a login, or a sign-up, may go on. Counts nothing. A login asks before it verifies the password, and once more when the password was right: then of guesses that run at the same time no more than the limit can succeed.

connection: its name. identifier: what the user is looked up by. ip: where the attempt comes from; null when that is not known. stage: pre-login, pre-user-registration, or account: that of a login whose address counts elsewhere. moment: the time. guarded: false where failed logins of identifiers do not count; see _guards_identifiers().
Result: allowed; reason, limit_wc (the identifier) or limit_mu (the address), null when neither limit is reached, and given even where an attempt is allowed because nothing is to be blocked; until, when the next attempt will be allowed.';

CREATE FUNCTION userdir._attempt_failed(connection text, identifier text, ip inet, stage text DEFAULT 'pre-login',
    moment timestamptz DEFAULT clock_timestamp(), guarded boolean DEFAULT true, OUT limit_wc boolean, OUT limit_mu boolean)
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__attempt_failed';
COMMENT ON FUNCTION userdir._attempt_failed(text, text, inet, text, timestamptz, boolean) IS
'Counts an attempt: a login that failed, or a sign-up, which counts even when it succeeds. Not to be called for an attempt that _attempt_allowed() has refused.

Arguments as of _attempt_allowed().
Result: limit_wc and limit_mu, true when it was this attempt that reached the limit; of concurrent attempts, one gets it.';

CREATE FUNCTION userdir._attempt_succeeded(connection text, identifier text, ip inet, moment timestamptz DEFAULT clock_timestamp(),
    guarded boolean DEFAULT true, OUT allowed boolean, OUT reason text, OUT until timestamptz, OUT detects_breaches boolean)
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__attempt_succeeded';
COMMENT ON FUNCTION userdir._attempt_succeeded(text, text, inet, timestamptz, boolean) IS
'Notes a login with the right password: unless it is refused after all, failed ones of this identifier (from this address) before it are forgotten. Those of the address over all identifiers are not, or a guesser would log in to an account of their own in between.

Result: what _attempt_allowed() says; detects_breaches, whether passwords are to be looked up among breached ones, which spares a login to read the same settings again.';

CREATE FUNCTION userdir._attempts_cleared(connection text, identifiers text[], moment timestamptz DEFAULT clock_timestamp()) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  salt bytea;
  identifier text;
  had_any boolean := false;
BEGIN
  SELECT p.salt INTO STRICT salt FROM userdir.attack_protection p;
  FOREACH identifier IN ARRAY coalesce(identifiers, '{}') LOOP
    had_any := userdir._attempts_forget_all(userdir._attempt_who(salt, connection, identifier), moment) OR had_any;
  END LOOP;
  RETURN had_any;
END
$$;
COMMENT ON FUNCTION userdir._attempts_cleared(text, text[], timestamptz) IS
'Forgets the failed logins of identifiers of a connection, from every address: their password was changed, or they were unblocked.

Result: whether there were any.';

-- Blocks.

CREATE FUNCTION userdir._identifier_attempts(identifiers text[], connections text[], moment timestamptz,
    OUT identifier text, OUT connection text, OUT kind text, OUT address inet, OUT level double precision, OUT expires_at timestamptz) RETURNS SETOF record
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 10
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  keys bytea[];
BEGIN
  SELECT array_agg(userdir._attempt_who(p.salt, n.connection, n.identifier) ORDER BY n.place) INTO keys
    FROM userdir.attack_protection p, unnest(identifiers, connections) WITH ORDINALITY AS n (identifier, connection, place);
  IF userdir._attempts_shared() THEN
    RETURN QUERY
      SELECT identifiers[k.place], connections[k.place], a.kind, a.address, a.level, a.expires_at
        FROM userdir._shared_attempts_list(keys) a JOIN unnest(keys) WITH ORDINALITY AS k (who, place) ON k.who = a.who
       WHERE a.expires_at > moment;
  ELSE
    RETURN QUERY
      SELECT identifiers[k.place], connections[k.place], a.kind, nullif(a.address, inet '0.0.0.0/0'), a.level, a.expires_at
        FROM unnest(keys) WITH ORDINALITY AS k (who, place) JOIN userdir.login_attempts a ON a.who = k.who
       WHERE a.expires_at > moment;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._identifier_attempts(text[], text[], timestamptz) IS
'Lists what stands against identifiers, each of the connection at the same place of the second array.';

CREATE FUNCTION userdir._blocked_for(identifiers text[], connections text[], consider_brute_force_enablement boolean, moment timestamptz) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  settings jsonb := (SELECT p.brute_force_protection FROM userdir.attack_protection p);
  wanted_kind text := CASE settings ->> 'mode' WHEN 'count_per_identifier' THEN 'identifier' ELSE 'identifier_ip' END;
BEGIN
  IF consider_brute_force_enablement AND NOT (settings ->> 'enabled')::boolean THEN
    RETURN '{"blocked_for": []}';
  END IF;
  RETURN jsonb_build_object('blocked_for', (
    SELECT coalesce(jsonb_agg(jsonb_build_object('identifier', a.identifier, 'connection', a.connection)
                              || CASE WHEN a.address IS NULL THEN '{}'
                                      WHEN family(a.address) = 4 THEN jsonb_build_object('ip', host(a.address))
                                      ELSE jsonb_build_object('ip', text(a.address)) END
                              ORDER BY a.identifier COLLATE "C", a.connection COLLATE "C", a.address), '[]')
      FROM userdir._identifier_attempts(identifiers, connections, moment) a
     WHERE a.kind = wanted_kind AND a.level >= (settings ->> 'max_attempts')::integer
       AND (consider_brute_force_enablement IS NOT TRUE
            OR (SELECT userdir._guards_identifiers(c.options) FROM userdir.connections c WHERE c.name = a.connection))));
END
$$;
COMMENT ON FUNCTION userdir._blocked_for(text[], text[], boolean, timestamptz) IS
'Returns the blocks of identifiers, each of the connection at the same place of the second array, in the model''s shape.';

CREATE FUNCTION userdir._connections_of(identifier text, OUT identifiers text[], OUT connections text[])
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted text := userdir._login_name(identifier);
BEGIN
  SELECT array_agg(wanted), array_agg(c.name ORDER BY c.name) INTO identifiers, connections FROM userdir.connections c;
END
$$;
COMMENT ON FUNCTION userdir._connections_of(text) IS
'Returns an identifier, as a login counts it, beside every connection, for anybody may have tried it at any.';

CREATE FUNCTION userdir._identifiers_of(user_id text, OUT identifiers text[], OUT connections text[])
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM userdir.users u WHERE u.user_id = _identifiers_of.user_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the user does not exist' USING ERRCODE = 'UD007';
  END IF;
  SELECT array_agg(n.value ORDER BY n.kind, n.value, n.connection), array_agg(n.connection ORDER BY n.kind, n.value, n.connection)
    INTO identifiers, connections
    FROM (SELECT n.value, n.kind, CASE n.kind WHEN 'identity' THEN i.connection ELSE n.connection END AS connection
            FROM userdir.identifiers n JOIN userdir.identities i USING (user_id, provider, provider_user_id)
           WHERE n.user_id = _identifiers_of.user_id) n;
END
$$;
COMMENT ON FUNCTION userdir._identifiers_of(text) IS
'Returns the names by which a user can log in, and the ids by which custom databases know the user, and the connection of each.

Errors: UD007 when there is no such user.';

CREATE FUNCTION userdir._user_blocks(identifier text, consider_brute_force_enablement boolean) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT userdir._blocked_for(n.identifiers, n.connections, consider_brute_force_enablement, clock_timestamp())
    FROM userdir._connections_of(identifier) n
$$;
COMMENT ON FUNCTION userdir._user_blocks(text, boolean) IS 'Body of user_blocks().';

CREATE FUNCTION userdir.user_blocks(identifier text, consider_brute_force_enablement boolean DEFAULT false) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.user_blocks(text, boolean) IS
'Returns the addresses from which an identifier cannot log in because too many logins failed. An administrator''s block is not among them; that is the column blocked of the user.

identifier: an e-mail address, user name or phone number, of a user or not. consider_brute_force_enablement: whether to leave out those that are not applied because the protection is switched off, for the directory or for the connection.
Result: {"blocked_for": [{identifier, ip, connection}]}; ip is an address, or a network of IPv6, and absent where logins are counted for the identifier alone.';

CREATE FUNCTION userdir._user_blocks_by_id(user_id text, consider_brute_force_enablement boolean) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT userdir._blocked_for(n.identifiers, n.connections, consider_brute_force_enablement, clock_timestamp())
    FROM userdir._identifiers_of(user_id) n
$$;
COMMENT ON FUNCTION userdir._user_blocks_by_id(text, boolean) IS 'Body of user_blocks_by_id().';

CREATE FUNCTION userdir.user_blocks_by_id(user_id text, consider_brute_force_enablement boolean DEFAULT false) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.user_blocks_by_id(text, boolean) IS
'Returns the blocks, as user_blocks() does, of all names by which a user can log in.

user_id: provider|id of the primary identity.
Errors: UD007 when there is no such user.';

CREATE FUNCTION userdir._unblock(identifiers text[], connections text[]) RETURNS boolean
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(bool_or(userdir._attempts_cleared(n.connection, ARRAY[n.identifier])), false)
    FROM unnest(identifiers, connections) AS n (identifier, connection)
$$;
COMMENT ON FUNCTION userdir._unblock(text[], text[]) IS
'Forgets the failed logins of identifiers, each of the connection at the same place of the second array.';

CREATE FUNCTION userdir._unblock_user(identifier text) RETURNS boolean
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT userdir._unblock(n.identifiers, n.connections) FROM userdir._connections_of(identifier) n $$;
COMMENT ON FUNCTION userdir._unblock_user(text) IS 'Body of unblock_user().';

CREATE FUNCTION userdir.unblock_user(identifier text) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.unblock_user(text) IS
'Lets an identifier log in again from every address: its failed logins are forgotten. An administrator''s block stays.

identifier: as of user_blocks().
Result: true, or false when there was nothing to forget.';

CREATE FUNCTION userdir._unblock_user_by_id(user_id text) RETURNS boolean
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT userdir._unblock(n.identifiers, n.connections) FROM userdir._identifiers_of(user_id) n $$;
COMMENT ON FUNCTION userdir._unblock_user_by_id(text) IS 'Body of unblock_user_by_id().';

CREATE FUNCTION userdir.unblock_user_by_id(user_id text) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.unblock_user_by_id(text) IS
'Does what unblock_user() does for all names by which a user can log in.

user_id: provider|id of the primary identity.
Errors: UD007 when there is no such user.';

CREATE FUNCTION userdir._ip_block(ip inet) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT bool_or(NOT a.allowed)
    FROM unnest('{pre-login,pre-user-registration}'::text[]) AS s (stage), LATERAL userdir._attempt_allowed(NULL, NULL, ip, s.stage, guarded => false) a
$$;
COMMENT ON FUNCTION userdir._ip_block(inet) IS 'Body of ip_block().';

CREATE FUNCTION userdir.ip_block(ip inet) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.ip_block(inet) IS
'Tells whether logins or sign-ups from an address are refused for now because there were too many of them. It is false where nobody is refused: the protection is switched off, has no shield "block", or lets this address through.

ip: an address; one of IPv6 stands for its network of 64 bits.';

CREATE FUNCTION userdir._unblock_ip(ip inet) RETURNS boolean
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT bool_or(userdir._attempts_forget(k.kind, userdir._attempt_who(p.salt, '', ''), userdir._attempt_address(ip), clock_timestamp()))
    FROM userdir.attack_protection p, (VALUES ('login_ip'), ('signup_ip')) AS k (kind)
$$;
COMMENT ON FUNCTION userdir._unblock_ip(inet) IS 'Body of unblock_ip().';

CREATE FUNCTION userdir.unblock_ip(ip inet) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.unblock_ip(inet) IS
'Forgets the failed logins and the sign-ups from an address. Blocks of single identifiers from this address stay; see unblock_user().

ip: as of ip_block().
Result: true, or false when there was nothing to forget.';

-- Keeping house.

CREATE FUNCTION userdir._attempts_status(OUT mode text, OUT capacity bigint, OUT used bigint, OUT estimated bigint, OUT bytes bigint)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF userdir._attempts_shared() THEN
    mode := 'shared memory';
    SELECT s.capacity, s.used, s.estimated, s.bytes INTO capacity, used, estimated, bytes
      FROM userdir._shared_attempts_status(clock_timestamp()) s;
  ELSE
    mode := 'rows';
    used := (SELECT count(*) FROM userdir.login_attempts a WHERE a.expires_at > clock_timestamp());
    bytes := pg_total_relation_size('userdir.login_attempts');
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._attempts_status() IS 'Body of attempts_status().';

CREATE FUNCTION userdir.attempts_status(OUT mode text, OUT capacity bigint, OUT used bigint, OUT estimated bigint, OUT bytes bigint)
  LANGUAGE c STABLE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.attempts_status() IS
'Tells where failed logins are counted, and how much of that is taken.

Result: one row: mode, "shared memory" where the library is preloaded, else "rows"; capacity, the counters that shared memory has, for all databases together; used, those that count; estimated, how many counters gave up their place to others, ever, so that they are no longer exact: when it grows, raise userdir.attempts_capacity; bytes. In rows, capacity and estimated are null.';

CREATE FUNCTION userdir._purge_attempts() RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  gone bigint;
BEGIN
  DELETE FROM userdir.login_attempts a WHERE a.expires_at <= moment;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
$$;
COMMENT ON FUNCTION userdir._purge_attempts() IS 'Body of purge_attempts().';

CREATE FUNCTION userdir.purge_attempts() RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.purge_attempts() IS
'Deletes the rows of failed logins that no longer count; to be run now and then where the library is not preloaded. Shared memory needs none of it.

Result: how many there were.';
