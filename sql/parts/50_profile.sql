-- Normalization: from a provider's answer to a profile.

CREATE FUNCTION userdir.normalize_profile(
    strategy text, raw jsonb, connection text DEFAULT NULL,
    extras jsonb DEFAULT '{}', options jsonb DEFAULT '{}') RETURNS jsonb
  LANGUAGE c STABLE PARALLEL SAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir_normalize_profile';
COMMENT ON FUNCTION userdir.normalize_profile(text, jsonb, text, jsonb, jsonb) IS
'Turns the answer of an identity provider into a profile in the model''s shape and stores nothing.

strategy: a name out of userdir.strategies(). raw: the provider''s answer. connection: the name of the connection, which enterprise and custom social ids carry; NULL is the strategy''s own name where ids need none. extras: further answers of the provider by part name, as in {"emails": [...]}. options: the options of the connection; attribute_map, fieldsMap, user_id_attribute and non_persistent_attrs matter here.

Result: user_id, the normalized attributes that the answer gives, identities with one element, and under attributes whatever else the provider sent.

Errors: UD001 unknown strategy or bad option, UD002 bad attribute map, UD003 a payload that cannot become a profile (not an object, no usable id), 54000 one that is too large or too deep, 22023 a connection name that is missing or malformed.';

CREATE FUNCTION userdir.default_attribute_maps()
  RETURNS TABLE (name text, kind text, description text, attribute_map jsonb)
  LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 200
  AS 'MODULE_PATHNAME', 'userdir_default_attribute_maps';
COMMENT ON FUNCTION userdir.default_attribute_maps() IS
'Lists the built-in attribute maps: those of the strategies, and the presets that custom social connections get by their name or by "like" in their own map.

kind: database, social, enterprise, passwordless, provisioning (SCIM) or preset.';

CREATE FUNCTION userdir.strategies()
  RETURNS TABLE (strategy text, kind text, description text, attribute_map jsonb)
  LANGUAGE sql STABLE PARALLEL SAFE ROWS 70
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT m.name, m.kind, m.description, m.attribute_map
    FROM userdir.default_attribute_maps() m
   WHERE m.kind IN ('database', 'social', 'enterprise', 'passwordless')
   ORDER BY m.name
$$;
COMMENT ON FUNCTION userdir.strategies() IS
'Lists the strategies that a connection can have, each with its default attribute map.

kind: database, social, enterprise or passwordless. It decides isSocial of an identity and whether its user_id carries the connection''s name.';

CREATE FUNCTION userdir.default_attribute_map(strategy text, connection text DEFAULT NULL) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_default_attribute_map';
COMMENT ON FUNCTION userdir.default_attribute_map(text, text) IS
'Returns the attribute map that a connection of this strategy and name has before its own options.

A custom social connection (strategy oauth2) gets the preset that its name, or a word of it, names: gitlab, acme-gitlab.

Errors: UD001 for an unknown strategy.';

CREATE FUNCTION userdir.check_attribute_map(map jsonb) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_check_attribute_map';
COMMENT ON FUNCTION userdir.check_attribute_map(jsonb) IS
'Returns true when the map could be the option attribute_map of a connection.

Errors: UD002, naming the unknown target, transform or key, or the character of a path that is wrong, and where in the map it stands.';

CREATE FUNCTION userdir._check_connection_options(strategy text, options jsonb) RETURNS void
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_connection_options';
COMMENT ON FUNCTION userdir._check_connection_options(text, jsonb) IS
'Checks those options of a connection that concern profiles: attribute_map, fieldsMap, user_id_attribute, set_user_root_attributes, non_persistent_attrs.

Errors: UD001 for the strategy, the sync mode and the deny list, UD002 for the maps.';

CREATE FUNCTION userdir.default_picture(email text, strategy text DEFAULT 'auth0') RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_default_picture';
COMMENT ON FUNCTION userdir.default_picture(text, text) IS
'Returns the URL of the picture that a user has as long as nobody gives another: Gravatar''s for the e-mail address, falling back to the initials, or to a silhouette for enterprise strategies.

NULL for NULL. Errors: UD001 for an unknown strategy.';

CREATE FUNCTION userdir.default_nickname(email text) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_default_nickname';
COMMENT ON FUNCTION userdir.default_nickname(text) IS
'Returns the local part of an e-mail address with its "+tag", NULL when there is none.';

CREATE FUNCTION userdir._strategy_kind(strategy text) RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__strategy_kind';
COMMENT ON FUNCTION userdir._strategy_kind(text) IS
'Returns database, social, enterprise or passwordless; null for a name that is no strategy of connections.';

CREATE FUNCTION userdir._strategy_provider(strategy text) RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__strategy_provider';
COMMENT ON FUNCTION userdir._strategy_provider(text) IS
'Returns what the user_id of a strategy''s users begins with; null for a name that is no strategy of connections.';
