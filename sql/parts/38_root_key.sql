-- The root key, which is not in the database, and what is sealed under it.

CREATE FUNCTION userdir._sealed_columns(OUT relation text, OUT column_name text, OUT purpose text) RETURNS SETOF record
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM (VALUES
    ('signing_keys', 'sealed', $purpose$'signing_keys.sealed:' || t.kid$purpose$),
    ('clients', 'sealed_secret', $purpose$userdir._secret_purpose(t.client_id)$purpose$),
    ('resource_servers', 'sealed_signing_secret', $purpose$userdir._signing_purpose(t.identifier)$purpose$),
    ('rule_configuration', 'sealed_value', $purpose$userdir._configuration_purpose(t.key)$purpose$)
  ) AS c (relation, column_name, purpose)
$$;
COMMENT ON FUNCTION userdir._sealed_columns() IS
'Lists the columns that hold sealed values, each with the expression over its row t that says what a value was sealed for.';

CREATE FUNCTION userdir._all_sealed(OUT relation text, OUT column_name text, OUT purpose text, OUT sealed bytea) RETURNS SETOF record
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 100
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  place record;
BEGIN
  FOR place IN SELECT c.relation, c.column_name, c.purpose FROM userdir._sealed_columns() c
                WHERE to_regclass('userdir.' || quote_ident(c.relation)) IS NOT NULL
  LOOP
    RETURN QUERY EXECUTE format('SELECT %L::text, %L::text, %s, t.%I FROM userdir.%I t WHERE t.%I IS NOT NULL',
                                place.relation, place.column_name, place.purpose, place.column_name, place.relation, place.column_name);
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._all_sealed() IS
'Returns every sealed value of the directory, where it stands and what it was sealed for.';

CREATE FUNCTION userdir._holds_sealed() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT EXISTS (SELECT FROM userdir._all_sealed()) $$;
COMMENT ON FUNCTION userdir._holds_sealed() IS
'Returns whether anything in the directory is sealed.';

CREATE FUNCTION userdir._seal_text(purpose text, value userdir.secret) RETURNS bytea
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir__seal_text';
COMMENT ON FUNCTION userdir._seal_text(text, userdir.secret) IS
'Seals a text, as it was typed and in UTF-8, for a purpose.

Errors: UD050 without a root key.';

CREATE FUNCTION userdir._sealed_key_id(sealed bytea) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__sealed_key_id';
COMMENT ON FUNCTION userdir._sealed_key_id(bytea) IS
'Returns the id of the root key that a value is sealed under.

Errors: UD051 when it is no sealed value.';

CREATE FUNCTION userdir._reseal(purpose text, sealed bytea) RETURNS bytea
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir__reseal';
COMMENT ON FUNCTION userdir._reseal(text, bytea) IS
'Seals what a sealed value holds anew, under the root key in use.

Errors: UD050 without one of the root keys; UD051 when the value is damaged or was sealed for another purpose.';

CREATE FUNCTION userdir._root_key_ids() RETURNS text[]
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir__root_key_ids';
COMMENT ON FUNCTION userdir._root_key_ids() IS
'Returns the ids of the root keys, the one in use last.

Errors: UD050 when they cannot be read.';

CREATE FUNCTION userdir.add_root_key() RETURNS text
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_add_root_key';
COMMENT ON FUNCTION userdir.add_root_key() IS
'Puts a new root key into the server''s root key file; what is sealed from then on, in any database of the server, is sealed under it. Older keys stay in the file. For superusers.

Result: the id of the new key.
Errors: 42501 for anybody else; UD050 when the file cannot be read or written; 0A000 when the keys come from userdir.root_key_command; 54000 when there are 64 keys.';

CREATE FUNCTION userdir._root_keys() RETURNS jsonb
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  WITH present AS (SELECT u.id, u.place, u.place = cardinality(i.ids) AS in_use
                     FROM (SELECT userdir._root_key_ids()) i (ids), unnest(i.ids) WITH ORDINALITY u (id, place)),
       needed AS (SELECT userdir._sealed_key_id(s.sealed) AS id, count(*) AS sealed_values FROM userdir._all_sealed() s GROUP BY 1)
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', coalesce(p.id, n.id), 'in_use', coalesce(p.in_use, false),
                                               'is_present', p.id IS NOT NULL, 'sealed_values', coalesce(n.sealed_values, 0))
                            ORDER BY p.place NULLS FIRST, n.id), '[]')
    FROM present p FULL JOIN needed n ON n.id = p.id
$$;
COMMENT ON FUNCTION userdir._root_keys() IS 'Body of root_keys().';

CREATE FUNCTION userdir.root_keys() RETURNS jsonb
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.root_keys() IS
'Lists the root keys that the server has, and those that this directory needs; never a byte of them.

Result: an array of objects: id; in_use, whether new values are sealed under it; is_present, whether the server has it; sealed_values, how many values of this directory are sealed under it.
Errors: UD050 when the keys cannot be read.';

CREATE FUNCTION userdir._reseal_all() RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ids text[] := userdir._root_key_ids();
  place record;
  written bigint;
  total bigint := 0;
BEGIN
  FOR place IN SELECT c.relation, c.column_name, c.purpose FROM userdir._sealed_columns() c
                WHERE to_regclass('userdir.' || quote_ident(c.relation)) IS NOT NULL
  LOOP
    EXECUTE format('LOCK TABLE userdir.%I IN SHARE ROW EXCLUSIVE MODE', place.relation);
    EXECUTE format('UPDATE userdir.%I t SET %I = userdir._reseal(%s, t.%I) WHERE userdir._sealed_key_id(t.%I) IS DISTINCT FROM $1 AND t.%I IS NOT NULL',
                   place.relation, place.column_name, place.purpose, place.column_name, place.column_name, place.column_name)
      USING ids[cardinality(ids)];
    GET DIAGNOSTICS written = ROW_COUNT;
    total := total + written;
  END LOOP;
  RETURN total;
END
$$;
COMMENT ON FUNCTION userdir._reseal_all() IS 'Body of reseal_all().';

CREATE FUNCTION userdir.reseal_all() RETURNS bigint
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.reseal_all() IS
'Seals everything in this directory that is sealed under an older root key anew, under the one in use. All or nothing, like any statement; the older keys are needed until it is committed.

Result: how many values were sealed anew.
Errors: UD050 when one of the older keys is missing; UD051 when a value is damaged.';

CREATE FUNCTION userdir.rotate_root_key() RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  new_id text;
BEGIN
  -- Before the file is changed: a rollback leaves the key in it.
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'a directory cannot be changed on a standby'
      USING ERRCODE = 'read_only_sql_transaction', HINT = 'Connect to the primary server.';
  END IF;
  new_id := userdir.add_root_key();
  PERFORM userdir.reseal_all();
  RETURN new_id;
END
$$;
COMMENT ON FUNCTION userdir.rotate_root_key() IS
'Makes a new root key and seals everything in this directory anew under it. The older keys stay in the file, so that a crash or a rollback at any moment loses nothing: call reseal_all() in the other directories of the server, look at root_keys() in each, and then remove_root_key(). For superusers.

Result: the id of the new key.
Errors: as in add_root_key() and reseal_all().';

CREATE FUNCTION userdir._remove_root_key(id text) RETURNS void
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir__remove_root_key';
COMMENT ON FUNCTION userdir._remove_root_key(text) IS
'Takes a root key out of the file. For superusers.

Errors: as in remove_root_key().';

CREATE FUNCTION userdir.remove_root_key(id text) RETURNS void
  LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM jsonb_array_elements(userdir.root_keys()) k WHERE k ->> 'id' = remove_root_key.id AND (k ->> 'sealed_values')::bigint > 0) THEN
    RAISE EXCEPTION 'values of this directory are sealed under root key %', left(id, 64)
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Call userdir.reseal_all() first.';
  END IF;
  PERFORM userdir._remove_root_key(id);
END
$$;
COMMENT ON FUNCTION userdir.remove_root_key(text) IS
'Takes a root key that is not in use out of the server''s root key file, for good. It knows what this directory needs, not what others of the server do: ask root_keys() in each of them first. For superusers.

id: as in root_keys().
Errors: 42501 for anybody but superusers; 55000 when the key is in use or something here is sealed under it; UD050 when there is no such key.';
