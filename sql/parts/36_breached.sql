-- Breached passwords: loading lists of them, looking passwords up, and telling what is to be done then.

CREATE FUNCTION userdir._begin_breached_load() RETURNS void
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__begin_breached_load';
COMMENT ON FUNCTION userdir._begin_breached_load() IS
'Begins to read a list of breached passwords.

Errors: 55000 while another is being loaded in this session.';

CREATE FUNCTION userdir._add_breached_lines(lines text) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__add_breached_lines';
COMMENT ON FUNCTION userdir._add_breached_lines(text) IS
'Reads lines of a list of breached passwords; null is an empty line. Returns true.

Errors: 22P04 for a malformed line, with its number; 55000 when no list is being read.';

CREATE FUNCTION userdir._sort_breached_keys() RETURNS bigint
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__sort_breached_keys';
COMMENT ON FUNCTION userdir._sort_breached_keys() IS
'Ends the reading of a list and returns how many lines it had.

Errors: 55000 when no list is being read.';

CREATE FUNCTION userdir._next_breached_key() RETURNS bigint
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__next_breached_key';
COMMENT ON FUNCTION userdir._next_breached_key() IS
'Returns the lowest key of the list that is not stored yet, null when all are.

Errors: 55000 when no list is being stored.';

CREATE FUNCTION userdir._merge_breached_block(first bigint, hashes bytea, beyond bigint) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__merge_breached_block';
COMMENT ON FUNCTION userdir._merge_breached_block(bigint, bytea, bigint) IS
'Says into which block the next keys go: one of the table, or none before the block that begins with beyond. Returns false when it has them all.

Errors: XX001 when it is no block; 55000 when no list is being stored.';

CREATE FUNCTION userdir._take_breached_block(OUT first bigint, OUT hashes bytea) RETURNS record
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__take_breached_block';
COMMENT ON FUNCTION userdir._take_breached_block() IS
'Returns the next block to be stored in the place of the one that is being merged, nulls at their end.

Errors: 55000 when no list is being stored.';

CREATE FUNCTION userdir._end_breached_load() RETURNS bigint
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__end_breached_load';
COMMENT ON FUNCTION userdir._end_breached_load() IS
'Ends a load and returns how many hashes were new.

Errors: 55000 unless all keys are stored.';

CREATE FUNCTION userdir._breach_key(password userdir.secret, as_typed boolean) RETURNS bigint
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__breach_key';
COMMENT ON FUNCTION userdir._breach_key(userdir.secret, boolean) IS
'Returns the key under which a password is looked up, normalized or as it was typed; null where that is the same.';

CREATE FUNCTION userdir._breached_block_has(first bigint, hashes bytea, password userdir.secret, as_typed boolean) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__breached_block_has';
COMMENT ON FUNCTION userdir._breached_block_has(bigint, bytea, userdir.secret, boolean) IS
'Returns whether a block has the hash of a password.

Errors: XX001 when it is no block.';

CREATE FUNCTION userdir._is_known_password(password userdir.secret) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__is_known_password';
COMMENT ON FUNCTION userdir._is_known_password(userdir.secret) IS
'Returns whether a password is known without a list: one of the most common ones, or one with which the answers are tested.';

CREATE FUNCTION userdir._open_breached_load() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- Lists are merged into what is there, one after the other; look-ups go on.
  LOCK TABLE userdir.breached_passwords IN SHARE ROW EXCLUSIVE MODE;
  PERFORM userdir._begin_breached_load();
END
$$;
COMMENT ON FUNCTION userdir._open_breached_load() IS
'Begins to load a list of breached passwords, after any other session that loads one.';

CREATE FUNCTION userdir._store_breached_keys() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  key bigint;
  old record;
  new record;
  beyond bigint;
BEGIN
  LOOP
    key := userdir._next_breached_key();
    EXIT WHEN key IS NULL;
    SELECT b.first, b.hashes INTO old FROM userdir.breached_passwords b
     WHERE b.first <= key ORDER BY b.first DESC LIMIT 1;
    SELECT b.first INTO beyond FROM userdir.breached_passwords b
     WHERE b.first > key ORDER BY b.first LIMIT 1;

    CONTINUE WHEN NOT userdir._merge_breached_block(old.first, old.hashes, beyond);
    DELETE FROM userdir.breached_passwords b WHERE b.first = old.first;
    LOOP
      new := userdir._take_breached_block();
      EXIT WHEN new.first IS NULL;
      INSERT INTO userdir.breached_passwords (first, hashes) VALUES (new.first, new.hashes);
    END LOOP;
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._store_breached_keys() IS
'Merges the keys of a list with the blocks of the table.';

CREATE FUNCTION userdir._close_breached_load(OUT lines bigint, OUT added bigint)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  lines := userdir._sort_breached_keys();
  PERFORM userdir._store_breached_keys();
  added := userdir._end_breached_load();
  INSERT INTO userdir.breached_loads (lines, added) VALUES (_close_breached_load.lines, _close_breached_load.added);
END
$$;
COMMENT ON FUNCTION userdir._close_breached_load() IS
'Stores the list that was read and returns how many lines it had and how many hashes were new.';

CREATE FUNCTION userdir._add_breached_passwords(lines text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM userdir._open_breached_load();
  PERFORM userdir._add_breached_lines(lines);
  RETURN (userdir._close_breached_load()).added;
END
$$;
COMMENT ON FUNCTION userdir._add_breached_passwords(text) IS 'Body of add_breached_passwords().';

CREATE FUNCTION userdir.add_breached_passwords(lines text) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.add_breached_passwords(text) IS
'Adds hashes of breached passwords. For whole lists, COPY userdir.breached_password_lines FROM ... does the same and holds no more than one line at a time.

lines: a line for each password: the 40 hexadecimal digits of its SHA-1, which a colon and a count may follow; in any order, with either end of line.
Result: how many were not there before.
Errors: 22P04 for a malformed line, with its number; 42501 unless the caller owns the directory.';

CREATE FUNCTION userdir._clear_breached_passwords() RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  known bigint := (SELECT coalesce(sum(l.added), 0) FROM userdir.breached_loads l);
BEGIN
  LOCK TABLE userdir.breached_passwords IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM userdir.breached_passwords;
  DELETE FROM userdir.breached_loads;
  RETURN known;
END
$$;
COMMENT ON FUNCTION userdir._clear_breached_passwords() IS 'Body of clear_breached_passwords().';

CREATE FUNCTION userdir.clear_breached_passwords() RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.clear_breached_passwords() IS
'Forgets all lists of breached passwords. Those that are bundled stay.

Until the transaction ends others see what was there, so that lists can be replaced without a gap.
Result: how many hashes there were.
Errors: 42501 unless the caller owns the directory.';

CREATE FUNCTION userdir._breached_passwords_info() RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT jsonb_build_object(
                   'hashes', coalesce(sum(l.added), 0),
                   'bytes', pg_total_relation_size('userdir.breached_passwords'),
                   'loads', count(*))
                 || CASE WHEN count(*) = 0 THEN '{}'
                         ELSE jsonb_build_object('loaded_at', userdir._iso_timestamp(max(l.loaded_at))) END
            FROM userdir.breached_loads l);
END
$$;
COMMENT ON FUNCTION userdir._breached_passwords_info() IS 'Body of breached_passwords_info().';

CREATE FUNCTION userdir.breached_passwords_info() RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.breached_passwords_info() IS
'Tells what lists of breached passwords are loaded.

Result: {"hashes": 1000000, "bytes": 7495680, "loads": 1, "loaded_at": "2026-01-01T00:00:00.000Z"}; hashes are different ones, bytes what they take with their index.';

-- The conditions name no key, so that none shows in a plan: what is printed is the secret.
CREATE FUNCTION userdir._is_breached(password userdir.secret) RETURNS boolean
  LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE COST 1000
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN userdir._is_known_password(password)
      OR coalesce((SELECT userdir._breached_block_has(b.first, b.hashes, password, false)
                     FROM userdir.breached_passwords b
                    WHERE b.first <= userdir._breach_key(password, false)
                    ORDER BY b.first DESC LIMIT 1), false)
      OR coalesce((SELECT userdir._breached_block_has(b.first, b.hashes, password, true)
                     FROM userdir.breached_passwords b
                    WHERE b.first <= userdir._breach_key(password, true)
                    ORDER BY b.first DESC LIMIT 1), false);
END
$$;
COMMENT ON FUNCTION userdir._is_breached(userdir.secret) IS
'Returns whether a password is known from a breach: it is in a list that was loaded, is one of the most common ones, or is one with which the answers are tested.

Errors: XX001 when the table of hashes is damaged.';

CREATE FUNCTION userdir._meet_breached_password(stage text, password userdir.secret,
    OUT breached boolean, OUT block boolean, OUT notify_user boolean, OUT notify_admin boolean)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  config jsonb := (SELECT p.breached_password_detection FROM userdir.attack_protection p);
  shields jsonb := CASE WHEN stage = 'login' THEN config -> 'shields' ELSE config #> ARRAY['stage', stage, 'shields'] END;
BEGIN
  breached := coalesce((config ->> 'enabled')::boolean AND userdir._is_breached(password), false);
  block := breached AND coalesce(shields ? 'block', false);
  notify_user := breached AND coalesce(shields ? 'user_notification', false);
  notify_admin := breached AND coalesce(shields ? 'admin_notification', false);
END
$$;
COMMENT ON FUNCTION userdir._meet_breached_password(text, userdir.secret) IS
'Looks a password up, where that is enabled, and tells what is to be done.

stage: login, pre-user-registration or pre-change-password.
Result: whether the password is known from a breach, and whether to refuse it, to tell the user, to tell the administrators. All are false while detection is not enabled.';
