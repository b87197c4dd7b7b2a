-- What rules read that is nobody else's: keys of other services and the like, sealed at rest.

CREATE FUNCTION userdir._configuration_purpose(key text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT 'rule_configuration.sealed_value:' OPERATOR(pg_catalog.||) key $$;
COMMENT ON FUNCTION userdir._configuration_purpose(text) IS 'Returns what the value of a key is sealed for.';

CREATE FUNCTION userdir._set_configuration(key text, value userdir.secret) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  sealed bytea;
BEGIN
  IF key IS NULL OR key !~ '^[A-Za-z0-9_@*+:.-]{1,127}$' THEN
    RAISE EXCEPTION 'a key must have 1 to 127 characters of A-Z, a-z, 0-9 and _@*+:.-' USING ERRCODE = 'invalid_parameter_value';
  ELSIF value IS NULL THEN
    RAISE EXCEPTION 'the value of a key must not be null' USING ERRCODE = 'invalid_parameter_value', HINT = 'delete_configuration() takes a key away.';
  END IF;
  sealed := userdir._seal_text(userdir._configuration_purpose(key), value);
  INSERT INTO userdir.rule_configuration AS r (key, sealed_value, updated_at) VALUES (_set_configuration.key, sealed, now())
    ON CONFLICT ON CONSTRAINT rule_configuration_pkey DO UPDATE SET sealed_value = excluded.sealed_value, updated_at = excluded.updated_at;
END
$$;
COMMENT ON FUNCTION userdir._set_configuration(text, userdir.secret) IS 'Body of set_configuration().';

CREATE FUNCTION userdir.set_configuration(key text, value userdir.secret) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.set_configuration(text, userdir.secret) IS
'Stores what rules and actions read with configuration(): a key of another service, say. It is sealed under the root key, and nobody reads it but rules and actions while they run.

key: 1 to 127 characters of A-Z, a-z, 0-9 and _@*+:.-. value: a text; it replaces the one that the key had.
Errors: 22023 for what is no key, or null; UD050 without a root key.';

CREATE FUNCTION userdir._delete_configuration(key text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM userdir.rule_configuration r WHERE r.key = _delete_configuration.key;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION userdir._delete_configuration(text) IS 'Body of delete_configuration().';

CREATE FUNCTION userdir.delete_configuration(key text) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.delete_configuration(text) IS
'Takes a key of the rules'' configuration away.

Result: true, or false when there was none.';

CREATE FUNCTION userdir._list_configuration() RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('key', r.key, 'updated_at', userdir._iso_timestamp(r.updated_at)) ORDER BY r.key), '[]') FROM userdir.rule_configuration r
$$;
COMMENT ON FUNCTION userdir._list_configuration() IS 'Body of list_configuration().';

CREATE FUNCTION userdir.list_configuration() RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.list_configuration() IS 'Returns the keys of the rules'' configuration as a JSON array of key and updated_at; never a value.';

CREATE FUNCTION userdir.configuration(key text) RETURNS text
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_configuration';
COMMENT ON FUNCTION userdir.configuration(text) IS
'Returns a value that set_configuration() has stored, to a rule or an action while it runs; null when there is no such key.

Errors: 42501 for anybody else; UD050 without the root key; UD051 when the value is damaged.';
