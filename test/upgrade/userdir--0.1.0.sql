-- sql/parts/00_header.sql

\echo Use "CREATE EXTENSION userdir" to load this file. \quit

-- The schema may have been made, and filled, by somebody else. With this path no name here can mean
-- an object of theirs: everything of ours is written with its schema.
SET LOCAL search_path TO pg_catalog, pg_temp;
SET LOCAL check_function_bodies TO off;

-- sql/parts/10_base.sql

-- Versions and random identifiers.

CREATE FUNCTION userdir._library_version() RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__library_version';
COMMENT ON FUNCTION userdir._library_version() IS
'Returns the version of the loaded library.';

CREATE FUNCTION userdir._expected_data_version() RETURNS integer
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__expected_data_version';
COMMENT ON FUNCTION userdir._expected_data_version() IS
'Returns the data version that the loaded library works with.';

CREATE FUNCTION userdir._new_id(prefix text) RETURNS text
  LANGUAGE c VOLATILE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__new_id';
COMMENT ON FUNCTION userdir._new_id(text) IS
'Returns prefix followed by 16 random letters and digits.';

CREATE FUNCTION userdir._new_object_id() RETURNS text
  LANGUAGE c VOLATILE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__new_object_id';
COMMENT ON FUNCTION userdir._new_object_id() IS
'Returns 24 random hexadecimal digits that grow with time.';

CREATE FUNCTION userdir._in_api() RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__in_api';
COMMENT ON FUNCTION userdir._in_api() IS
'Tells a row trigger of the directory whether the statement that fired it is one of userdir''s own functions.';

CREATE FUNCTION userdir._in_installer() RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__in_installer';
COMMENT ON FUNCTION userdir._in_installer() IS
'Tells a row trigger of the directory whether the statement that fired it is a storage step of install().';

-- sql/parts/20_identifiers.sql

-- Identifiers: the syntax of the names of users and connections.

CREATE FUNCTION userdir._check_connection_name(name text) RETURNS void
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_connection_name';
COMMENT ON FUNCTION userdir._check_connection_name(text) IS
'Raises UD001 unless a connection may have this name: 1 to 128 letters and digits with single hyphens between them.';

CREATE FUNCTION userdir._check_email(email text) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_email';
COMMENT ON FUNCTION userdir._check_email(text) IS
'Raises UD004 unless the text is an e-mail address of RFC 5321 and 6531 of at most 254 characters, 64 of them before the "@".';

CREATE FUNCTION userdir._check_username(username text, shortest integer, longest integer) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_username';
COMMENT ON FUNCTION userdir._check_username(text, integer, integer) IS
'Raises UD004 unless the text, which is in lower case, is a user name of shortest to longest characters and no e-mail address.';

CREATE FUNCTION userdir._check_phone_number(phone_number text) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_phone_number';
COMMENT ON FUNCTION userdir._check_phone_number(text) IS
'Raises UD004 unless the text is an E.164 number.';

CREATE FUNCTION userdir._check_picture(picture text) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_picture';
COMMENT ON FUNCTION userdir._check_picture(text) IS
'Raises UD004 unless the text is an absolute http or https URI.';

CREATE FUNCTION userdir._check_user_id_part(id text) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_user_id_part';
COMMENT ON FUNCTION userdir._check_user_id_part(text) IS
'Raises UD004 unless the text may follow the bar of a user_id: 1 to 255 characters without white space.';

-- sql/parts/22_metadata.sql

-- Metadata: checks, and merging on JSONB.

CREATE FUNCTION userdir.check_metadata(kind text, metadata jsonb) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 10
  AS 'MODULE_PATHNAME', 'userdir_check_metadata';
COMMENT ON FUNCTION userdir.check_metadata(text, jsonb) IS
'Returns true when a document may be stored as metadata of a user.

kind: user_metadata or app_metadata. metadata: the document.
Errors: UD005 when it is no object, when a name at any level holds "." or "$", or when a name of the first level of app_metadata is that of an attribute of the user itself; 54000 when it is larger than the setting userdir.metadata_max_size or deeper than userdir.metadata_max_depth; 22023 for another kind.';

CREATE FUNCTION userdir.merge_metadata(stored jsonb, changes jsonb) RETURNS jsonb
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10
  AS 'MODULE_PATHNAME', 'userdir_merge_metadata';
COMMENT ON FUNCTION userdir.merge_metadata(jsonb, jsonb) IS
'Applies changes to metadata at its first level, as update_user() does.

stored: the metadata as it is; null counts as {}. changes: an object. Each of its members replaces the stored one whole, nested objects and arrays too; a null deletes it; {} wipes everything; null changes nothing.
Result: the metadata as it becomes. It is not checked; see check_metadata().
Errors: UD005 when either is no object.';

CREATE FUNCTION userdir.json_merge_patch(target jsonb, patch jsonb) RETURNS jsonb
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10
  AS 'MODULE_PATHNAME', 'userdir_json_merge_patch';
COMMENT ON FUNCTION userdir.json_merge_patch(jsonb, jsonb) IS
'Applies a JSON Merge Patch (RFC 7396): objects are merged at every level, a null deletes, everything else, arrays included, replaces.

target: any JSON value; what is no object counts as {} where the patch is one. patch: any JSON value.
Result: the target as it becomes.';

CREATE OPERATOR userdir.|+ (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = userdir.merge_metadata);
COMMENT ON OPERATOR userdir.|+ (jsonb, jsonb) IS 'metadata |+ changes: merge at the first level; see merge_metadata().';

CREATE OPERATOR userdir.|++ (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = userdir.json_merge_patch);
COMMENT ON OPERATOR userdir.|++ (jsonb, jsonb) IS 'target |++ patch: JSON Merge Patch, deep; see json_merge_patch().';

-- sql/parts/50_profile.sql

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

-- sql/parts/60_install.sql

-- The life of a directory's tables: install, version, uninstall.

CREATE FUNCTION userdir._storage_steps(OUT number integer, OUT name text, OUT script text) RETURNS SETOF record
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
  SET search_path = pg_catalog, pg_temp
AS $steps$
  VALUES
    (1, '001_directory', $storage$
-- The directory's own row, its connections, and the users with all that belongs to them.
--
-- These are ordinary tables: nothing here may use a type or function of the extension, or the rows
-- could not be restored, or kept, without it. User ids are COLLATE "C": they are compared as bytes.
-- Timestamps have milliseconds, as in every answer, so that what was read finds its row again.

CREATE TABLE userdir.directory (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  name text NOT NULL,
  data_version integer NOT NULL,
  installed_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE userdir.directory IS 'The one row that names this directory and its data version.';
COMMENT ON COLUMN userdir.directory.name IS 'The name that uninstall() asks for.';
COMMENT ON COLUMN userdir.directory.data_version IS 'The last storage step that ran; see version().';

CREATE TABLE userdir.connections (
  id text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  strategy text COLLATE "C" NOT NULL,
  display_name text,
  options jsonb NOT NULL DEFAULT '{}',
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE userdir.connections IS 'Sources of users. Written by create_connection() and its siblings only.';
COMMENT ON COLUMN userdir.connections.id IS 'con_ and 16 letters and digits.';
COMMENT ON COLUMN userdir.connections.name IS 'What identities and callers name the connection by.';
COMMENT ON COLUMN userdir.connections.strategy IS 'One of userdir.strategies().';
COMMENT ON COLUMN userdir.connections.options IS 'Whatever was given, verbatim; may hold secrets of the provider.';

CREATE TABLE userdir.users (
  user_id text COLLATE "C" PRIMARY KEY,
  email text,
  email_verified boolean,
  username text,
  phone_number text,
  phone_verified boolean,
  name text,
  given_name text,
  family_name text,
  nickname text,
  picture text,
  blocked boolean,
  identities jsonb NOT NULL DEFAULT '[]',
  user_metadata jsonb,
  app_metadata jsonb,
  attributes jsonb,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX users_email_idx ON userdir.users (email);
CREATE INDEX users_created_at_idx ON userdir.users (created_at, user_id);
COMMENT ON TABLE userdir.users IS 'Users under their normalized profile. Profile columns and metadata may be updated in place; identifiers and new rows go through functions.';
COMMENT ON COLUMN userdir.users.user_id IS 'provider|id of the primary identity.';
COMMENT ON COLUMN userdir.users.blocked IS 'Blocked by an administrator.';
COMMENT ON COLUMN userdir.users.identities IS 'What the table identities says of the user, as an array in the model''s shape, primary first; written with it.';
COMMENT ON COLUMN userdir.users.user_metadata IS 'What the user may write; a JSON object.';
COMMENT ON COLUMN userdir.users.app_metadata IS 'What only the application may write; a JSON object.';
COMMENT ON COLUMN userdir.users.attributes IS 'What the provider sent beyond the normalized profile; a JSON object.';

CREATE TABLE userdir.identities (
  user_id text COLLATE "C" NOT NULL REFERENCES userdir.users ON DELETE CASCADE,
  provider text COLLATE "C" NOT NULL,
  provider_user_id text COLLATE "C" NOT NULL,
  connection text COLLATE "C" NOT NULL REFERENCES userdir.connections (name),
  is_primary boolean NOT NULL,
  is_social boolean NOT NULL,
  profile_data jsonb,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, provider, provider_user_id)
);
CREATE UNIQUE INDEX identities_one_primary_idx ON userdir.identities (user_id) WHERE is_primary;
CREATE INDEX identities_connection_idx ON userdir.identities (connection, user_id);
COMMENT ON TABLE userdir.identities IS 'The ways of being a user; the primary one gives the user_id.';
COMMENT ON COLUMN userdir.identities.provider_user_id IS 'The id within the provider: what follows the first bar of provider|id.';
COMMENT ON COLUMN userdir.identities.profile_data IS 'The profile of a linked identity; null for the primary one.';

CREATE TABLE userdir.identifiers (
  value text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  connection text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL REFERENCES userdir.users ON DELETE CASCADE,
  provider text COLLATE "C" NOT NULL,
  provider_user_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (value, kind, connection),
  CHECK (kind IN ('email', 'username', 'phone_number', 'identity')),
  CHECK ((kind = 'identity') = (connection = ''))
);
CREATE INDEX identifiers_user_id_idx ON userdir.identifiers (user_id);
COMMENT ON TABLE userdir.identifiers IS 'Every name by which a login finds an identity, unique per connection.';
COMMENT ON COLUMN userdir.identifiers.value IS 'The lower-cased e-mail or user name, the phone number, or provider|id.';
COMMENT ON COLUMN userdir.identifiers.connection IS 'Where the name is unique; empty for provider|id, which is unique everywhere.';

-- Touched by every login and by nothing else, so that a login rewrites no search index.
CREATE TABLE userdir.user_logins (
  user_id text COLLATE "C" PRIMARY KEY REFERENCES userdir.users ON DELETE CASCADE,
  last_login timestamptz(3),
  last_ip inet,
  logins_count bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
COMMENT ON TABLE userdir.user_logins IS 'Login statistics; no row until the first login.';

-- Who was given which bundle, so that later versions can add to it.
CREATE TABLE userdir.bundle_grants (
  role_name text NOT NULL,
  bundle text NOT NULL,
  PRIMARY KEY (role_name, bundle)
);
COMMENT ON TABLE userdir.bundle_grants IS 'The bundles that grant_to() gave to roles.';
$storage$),
    (NULL, 'always_views_and_triggers', $storage$
-- Run by every install(): views and triggers, which a DROP EXTENSION or an older version may have
-- left behind in another shape.

CREATE OR REPLACE FUNCTION userdir.users_guard() RETURNS trigger
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $guard$
BEGIN
  IF NOT userdir._in_api() THEN
    IF TG_OP = 'INSERT' THEN
      RAISE EXCEPTION 'users are not inserted directly'
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Use userdir.create_user(connection, profile) or userdir.upsert_from_connection(connection, payload).';
    END IF;
    IF (NEW.user_id, NEW.email, NEW.username, NEW.phone_number, NEW.identities, NEW.created_at)
       IS DISTINCT FROM (OLD.user_id, OLD.email, OLD.username, OLD.phone_number, OLD.identities, OLD.created_at) THEN
      RAISE EXCEPTION 'identifiers of a user are not updated directly'
        USING ERRCODE = 'insufficient_privilege',
              DETAIL = 'user_id, email, username, phone_number, identities and created_at belong to the directory.',
              HINT = 'Use userdir.update_user(user_id, changes).';
    END IF;
    -- What a provider sent may be out of these bounds; only what this statement changes is judged.
    PERFORM userdir._check_user_columns(
      CASE WHEN NEW.name IS DISTINCT FROM OLD.name THEN NEW.name END,
      CASE WHEN NEW.given_name IS DISTINCT FROM OLD.given_name THEN NEW.given_name END,
      CASE WHEN NEW.family_name IS DISTINCT FROM OLD.family_name THEN NEW.family_name END,
      CASE WHEN NEW.nickname IS DISTINCT FROM OLD.nickname THEN NEW.nickname END,
      CASE WHEN NEW.picture IS DISTINCT FROM OLD.picture THEN NEW.picture END);
  END IF;

  IF NEW.user_metadata IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.user_metadata IS DISTINCT FROM OLD.user_metadata) THEN
    PERFORM userdir.check_metadata('user_metadata', NEW.user_metadata);
  END IF;
  IF NEW.app_metadata IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.app_metadata IS DISTINCT FROM OLD.app_metadata) THEN
    PERFORM userdir.check_metadata('app_metadata', NEW.app_metadata);
  END IF;

  IF TG_OP = 'UPDATE' AND NEW IS DISTINCT FROM OLD AND NEW.updated_at = OLD.updated_at AND NOT userdir._in_installer() THEN
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END
$guard$;
COMMENT ON FUNCTION userdir.users_guard() IS 'Row-local trigger of userdir.users: refuses what must go through a function, checks metadata, keeps updated_at.';
REVOKE ALL ON FUNCTION userdir.users_guard() FROM PUBLIC;

-- Triggers fire in the order of their names; this one is to see what all others made of the row.
CREATE OR REPLACE TRIGGER zz_userdir_guard
  BEFORE INSERT OR UPDATE ON userdir.users
  FOR EACH ROW EXECUTE FUNCTION userdir.users_guard();
COMMENT ON TRIGGER zz_userdir_guard ON userdir.users IS 'Refuses what must go through a function, checks metadata, keeps updated_at; see users_guard().';

-- With the rights of the reader: a policy on userdir.users holds here too.
CREATE OR REPLACE VIEW userdir.profiles WITH (security_invoker = true) AS
  SELECT u.user_id, u.email, u.email_verified, u.username, u.phone_number, u.phone_verified,
         u.name, u.given_name, u.family_name, u.nickname, u.picture, u.blocked,
         u.user_metadata, u.app_metadata, u.attributes, u.created_at, u.updated_at,
         l.last_login, l.last_ip, l.logins_count, u.identities
    FROM userdir.users u
    LEFT JOIN userdir.user_logins l ON l.user_id = u.user_id;
COMMENT ON VIEW userdir.profiles IS 'Users as a reader expects to see them: profile, login statistics and identities together.';
$storage$)
$steps$;
COMMENT ON FUNCTION userdir._storage_steps() IS
'Lists the scripts that install() runs: the numbered steps once each, in order; those without a number every time.';

CREATE FUNCTION userdir._data_version() RETURNS integer
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF to_regclass('userdir.directory') IS NULL THEN
    RETURN 0;
  END IF;
  RETURN coalesce((SELECT d.data_version FROM userdir.directory d), 0);
END
$$;
COMMENT ON FUNCTION userdir._data_version() IS
'Returns the data version of the directory''s tables, 0 where there are none or where they do not say.';

CREATE FUNCTION userdir._extension_version() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT extversion FROM pg_extension WHERE extname = 'userdir' $$;
COMMENT ON FUNCTION userdir._extension_version() IS
'Returns the version of the extension''s SQL objects.';

CREATE FUNCTION userdir.version(OUT library text, OUT sql text, OUT data integer, OUT remedy text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  library := userdir._library_version();
  sql := userdir._extension_version();
  data := userdir._data_version();
  remedy := CASE
    WHEN sql <> library THEN 'ALTER EXTENSION userdir UPDATE; SELECT userdir.install();'
    WHEN data < userdir._expected_data_version() THEN 'SELECT userdir.install();'
    WHEN data > userdir._expected_data_version() THEN 'install the newer userdir that made these tables'
  END;
END
$$;
COMMENT ON FUNCTION userdir.version() IS
'Tells which versions meet in this database.

Result: one row: library, the version of the loaded C code; sql, that of the extension''s SQL objects; data, that of the directory''s tables (0: not installed); remedy, what to run when they do not fit, else null.';

CREATE FUNCTION userdir._check_installer() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF userdir._extension_version() <> userdir._library_version() THEN
    RAISE EXCEPTION 'userdir''s library is version %, but its SQL objects are version %',
                    userdir._library_version(), userdir._extension_version()
      USING ERRCODE = 'UD102', HINT = 'Run "ALTER EXTENSION userdir UPDATE;" first.';
  END IF;
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'a directory cannot be changed on a standby'
      USING ERRCODE = 'read_only_sql_transaction', HINT = 'Connect to the primary server.';
  END IF;
  IF NOT has_schema_privilege('userdir', 'CREATE') THEN
    RAISE EXCEPTION 'role "%" may not create the directory''s tables', current_user
      USING ERRCODE = 'insufficient_privilege',
            HINT = 'Call this function as the owner of the database or as a superuser.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_installer() IS
'Raises unless a directory can be installed, upgraded or dropped here and now.';

CREATE FUNCTION userdir._directory_owner() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('userdir.users') $$;
COMMENT ON FUNCTION userdir._directory_owner() IS
'Returns the role that owns the directory''s tables, null where there are none.';

CREATE FUNCTION userdir._equip_owner(owner_name text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  object text;
BEGIN
  FOR object IN
    SELECT CASE d.classid WHEN 'pg_proc'::regclass THEN format('FUNCTION %s', d.objid::regprocedure)
                          ELSE format('TYPE %s', d.objid::regtype) END
      FROM pg_depend d
      JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
     WHERE d.deptype = 'e' AND e.extname = 'userdir'
       AND CASE d.classid WHEN 'pg_proc'::regclass THEN NOT has_function_privilege(owner_name, d.objid, 'EXECUTE WITH GRANT OPTION')
                          WHEN 'pg_type'::regclass THEN NOT has_type_privilege(owner_name, d.objid, 'USAGE WITH GRANT OPTION') END
     ORDER BY 1
  LOOP
    EXECUTE format('GRANT ALL ON %s TO %I WITH GRANT OPTION', object, owner_name);
  END LOOP;
  IF NOT (has_schema_privilege(owner_name, 'userdir', 'USAGE WITH GRANT OPTION')
          AND has_schema_privilege(owner_name, 'userdir', 'CREATE WITH GRANT OPTION')) THEN
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA userdir TO %I WITH GRANT OPTION', owner_name);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._equip_owner(text) IS
'Gives the owner of a directory what it lacks of the extension''s functions and types, with the right to pass it on.';

CREATE FUNCTION userdir._run_storage_steps(found_version integer) RETURNS text[]
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  step record;
  done text[] := '{}';
BEGIN
  FOR step IN SELECT s.number, s.name, s.script FROM userdir._storage_steps() s
               WHERE s.number > found_version ORDER BY s.number
  LOOP
    EXECUTE step.script;
    done := done || format('ran storage step %s', step.name);
  END LOOP;
  FOR step IN SELECT s.script FROM userdir._storage_steps() s WHERE s.number IS NULL ORDER BY s.name LOOP
    EXECUTE step.script;
  END LOOP;
  RETURN done;
END
$$;
COMMENT ON FUNCTION userdir._run_storage_steps(integer) IS
'Runs the storage steps behind a data version and those that every install() runs; returns a line for each numbered one.';

CREATE FUNCTION userdir._stated_version() RETURNS integer
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT substring(pg_get_expr(d.adbin, d.adrelid) FROM '^[0-9]+')::integer
    FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
   WHERE d.adrelid = to_regclass('userdir.directory') AND a.attname = 'data_version'
$$;
COMMENT ON FUNCTION userdir._stated_version() IS
'Returns the data version that the definition of the tables tells, null when it tells none: a dump of the schema alone has no row that would.';

CREATE FUNCTION userdir.__install_storage(directory_name text) RETURNS text[]
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_version integer := coalesce(nullif(userdir._data_version(), 0), userdir._stated_version(), 0);
  wanted_version integer := userdir._expected_data_version();
  chosen_name text;
  done text[];
BEGIN
  IF found_version > wanted_version THEN
    RAISE EXCEPTION 'the directory''s tables are at data version %, newer than %, which this userdir knows',
                    found_version, wanted_version
      USING ERRCODE = 'UD102', HINT = 'Install the newer userdir that made these tables.';
  END IF;

  done := userdir._run_storage_steps(found_version);
  IF userdir._stated_version() IS DISTINCT FROM wanted_version THEN
    EXECUTE format('ALTER TABLE userdir.directory ALTER COLUMN data_version SET DEFAULT %s', wanted_version);
  END IF;
  PERFORM userdir._renew_grants();

  UPDATE userdir.directory d
     SET name = coalesce(directory_name, d.name), data_version = wanted_version,
         updated_at = CASE WHEN d.data_version = wanted_version AND d.name = coalesce(directory_name, d.name)
                           THEN d.updated_at ELSE now() END
   RETURNING d.name INTO chosen_name;
  IF NOT FOUND THEN
    INSERT INTO userdir.directory (name, data_version)
      VALUES (coalesce(directory_name, current_database()), wanted_version)
      RETURNING name INTO chosen_name;
    RETURN done || format('installed directory "%s" at data version %s', chosen_name, wanted_version);
  ELSIF found_version < wanted_version THEN
    RETURN done || format('upgraded directory "%s" from data version %s to %s', chosen_name, found_version, wanted_version);
  END IF;
  RETURN done || format('directory "%s" is at data version %s, views and triggers renewed', chosen_name, wanted_version);
END
$$;
COMMENT ON FUNCTION userdir.__install_storage(text) IS 'Body of _install_storage().';

CREATE FUNCTION userdir._install_storage(directory_name text) RETURNS text[]
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_installer';
COMMENT ON FUNCTION userdir._install_storage(text) IS
'Creates or upgrades the tables as their owner, or as the caller where there are none; returns a line for each thing that was done.';

CREATE FUNCTION userdir.install(directory_name text DEFAULT NULL) RETURNS SETOF text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 10
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = warning
AS $$
BEGIN
  PERFORM userdir._check_installer();
  IF directory_name = '' THEN
    RAISE EXCEPTION 'a directory''s name must not be empty' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  -- Two installs at once would trip over each other's tables.
  PERFORM pg_advisory_xact_lock(hashtext('userdir.install'));

  -- After a restore into a database of another owner, say.
  IF (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
    PERFORM userdir._equip_owner(o) FROM userdir._directory_owner() o WHERE o IS NOT NULL;
  END IF;
  RETURN QUERY SELECT unnest(userdir._install_storage(directory_name));
END
$$;
COMMENT ON FUNCTION userdir.install(text) IS
'Creates the directory''s tables, views and triggers in schema userdir, owned by the caller, or brings older ones to this version. May be repeated: what is in place is left alone, rows are kept, views and triggers are renewed. Whoever calls it, existing tables keep their owner, and new ones get the same.

directory_name: what uninstall() will ask for; by default the database''s name, or the name that the directory already has.
Result: a line for each thing that was done.
Errors: 42501 when the caller may not create objects here or does not own the directory; UD102 when library, SQL objects and tables do not fit; 25006 on a standby.';

CREATE FUNCTION userdir.__uninstall_storage(confirm text) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  directory_name text;
  users_count bigint;
BEGIN
  SELECT name INTO directory_name FROM userdir.directory;
  IF confirm IS NULL OR confirm IS DISTINCT FROM directory_name THEN
    RAISE EXCEPTION 'the directory was not dropped: the confirmation is not its name'
      USING ERRCODE = 'UD103',
            HINT = 'Its name is in userdir.directory. Every user in it would be lost.';
  END IF;

  SELECT count(*) INTO users_count FROM userdir.users;
  DROP VIEW userdir.profiles;
  DROP TABLE userdir.user_logins, userdir.identifiers, userdir.identities, userdir.users,
             userdir.connections, userdir.bundle_grants, userdir.directory;
  DROP FUNCTION userdir.users_guard();
  RETURN format('dropped directory "%s" with %s users', directory_name, users_count);
END
$$;
COMMENT ON FUNCTION userdir.__uninstall_storage(text) IS 'Body of _uninstall_storage().';

CREATE FUNCTION userdir._uninstall_storage(confirm text) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_installer';
COMMENT ON FUNCTION userdir._uninstall_storage(text) IS
'Drops the tables as their owner; returns a line that says so.';

CREATE FUNCTION userdir.uninstall(confirm text) RETURNS SETOF text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 1
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = warning
AS $$
BEGIN
  IF to_regclass('userdir.directory') IS NULL THEN
    RAISE EXCEPTION 'this database holds no user directory' USING ERRCODE = 'UD101';
  END IF;
  PERFORM userdir._check_installer();
  RETURN NEXT userdir._uninstall_storage(confirm);
END
$$;
COMMENT ON FUNCTION userdir.uninstall(text) IS
'Drops the directory''s tables with all that is in them.

confirm: the exact name of the directory, as in userdir.directory.
Result: a line that says what was dropped.
Errors: UD103 when the confirmation is not the name; UD101 without a directory; 42501 when the caller does not own it; 2BP01 while objects of others, such as foreign keys or views, depend on it.';

-- sql/parts/70_connections.sql

-- Connections: the sources of users.

CREATE FUNCTION userdir._iso_timestamp(moment timestamptz) RETURNS text
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
AS $$ SELECT pg_catalog.to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;
COMMENT ON FUNCTION userdir._iso_timestamp(timestamptz) IS
'Returns a moment as the model writes it: ISO 8601, UTC, milliseconds.';

CREATE FUNCTION userdir._select_fields(document jsonb, fields text, include_fields boolean, known text[]) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted text[];
  unknown text;
BEGIN
  IF fields IS NULL OR btrim(fields) = '' THEN
    RETURN document;
  END IF;
  SELECT array_agg(btrim(f)) INTO wanted FROM unnest(string_to_array(fields, ',')) f;
  SELECT w INTO unknown FROM unnest(wanted) w WHERE w <> ALL (known) LIMIT 1;
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'unknown field "%"', left(unknown, 64)
      USING ERRCODE = 'invalid_parameter_value', HINT = format('Known fields: %s.', array_to_string(known, ', '));
  END IF;
  IF coalesce(include_fields, true) THEN
    RETURN coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each(document) WHERE key = ANY (wanted)), '{}');
  END IF;
  RETURN document - wanted;
END
$$;
COMMENT ON FUNCTION userdir._select_fields(jsonb, text, boolean, text[]) IS
'Reduces an object to, or by, a comma-separated list of its root fields.

Errors: 22023 when a field is none of known.';

CREATE FUNCTION userdir._find_connection(name_or_id text,
    OUT id text, OUT name text, OUT strategy text, OUT kind text, OUT provider text, OUT options jsonb)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  SELECT c.id, c.name, c.strategy, c.options
    INTO _find_connection.id, _find_connection.name, _find_connection.strategy, _find_connection.options
    FROM userdir.connections c WHERE c.name = name_or_id OR c.id = name_or_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'connection "%" does not exist', left(name_or_id, 128)
      USING ERRCODE = 'UD008', HINT = 'See userdir.list_connections().';
  END IF;
  kind := userdir._strategy_kind(strategy);
  provider := userdir._strategy_provider(strategy);
END
$$;
COMMENT ON FUNCTION userdir._find_connection(text) IS
'Returns a connection by its name or id.

Errors: UD008 when there is none.';

CREATE FUNCTION userdir._connection_json(connection_id text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object('id', c.id, 'name', c.name, 'strategy', c.strategy, 'options', c.options,
                            'created_at', userdir._iso_timestamp(c.created_at),
                            'updated_at', userdir._iso_timestamp(c.updated_at))
         || CASE WHEN c.display_name IS NULL THEN '{}' ELSE jsonb_build_object('display_name', c.display_name) END
         || CASE WHEN c.metadata = '{}' THEN '{}' ELSE jsonb_build_object('metadata', c.metadata) END
    FROM userdir.connections c WHERE c.id = connection_id
$$;
COMMENT ON FUNCTION userdir._connection_json(text) IS 'Returns a connection in the model''s shape.';

CREATE FUNCTION userdir._check_connection(strategy text, options jsonb, display_name text, metadata jsonb) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  entry record;
BEGIN
  IF options IS NULL OR jsonb_typeof(options) <> 'object' THEN
    RAISE EXCEPTION 'a connection''s options must be a JSON object' USING ERRCODE = 'UD001';
  END IF;
  PERFORM userdir._check_connection_options(strategy, options);

  IF length(display_name) > 128 THEN
    RAISE EXCEPTION 'a connection''s display_name is longer than 128 characters' USING ERRCODE = 'UD001';
  END IF;
  IF metadata IS NULL OR jsonb_typeof(metadata) <> 'object' THEN
    RAISE EXCEPTION 'a connection''s metadata must be a JSON object' USING ERRCODE = 'UD001';
  END IF;
  IF (SELECT count(*) FROM jsonb_object_keys(metadata)) > 10 THEN
    RAISE EXCEPTION 'a connection''s metadata holds more than 10 keys' USING ERRCODE = 'UD001';
  END IF;
  FOR entry IN SELECT key, value FROM jsonb_each(metadata) LOOP
    IF length(entry.key) > 255 OR jsonb_typeof(entry.value) <> 'string' OR length(entry.value #>> '{}') > 255 THEN
      RAISE EXCEPTION 'a connection''s metadata holds something else than strings of up to 255 characters'
        USING ERRCODE = 'UD001', DETAIL = format('Key: "%s".', left(entry.key, 64));
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._check_connection(text, jsonb, text, jsonb) IS
'Raises UD001 or UD002 unless these may be stored as parts of a connection.';

CREATE FUNCTION userdir._create_connection(name text, strategy text, options jsonb, display_name text, metadata jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  new_id text := userdir._new_id('con_');
BEGIN
  PERFORM userdir._check_connection_name(name);
  IF userdir._strategy_kind(strategy) IS NULL THEN
    RAISE EXCEPTION 'unknown strategy "%"', left(strategy, 64)
      USING ERRCODE = 'UD001', HINT = 'SELECT strategy FROM userdir.strategies() lists them.';
  END IF;
  PERFORM userdir._check_connection(strategy, options, display_name, metadata);

  INSERT INTO userdir.connections AS c (id, name, strategy, options, display_name, metadata)
    VALUES (new_id, _create_connection.name, _create_connection.strategy, _create_connection.options,
            _create_connection.display_name, _create_connection.metadata)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a connection named "%" exists already', name USING ERRCODE = 'unique_violation';
  END IF;
  RETURN userdir._connection_json(new_id);
END
$$;
COMMENT ON FUNCTION userdir._create_connection(text, text, jsonb, text, jsonb) IS 'Body of create_connection().';

CREATE FUNCTION userdir.create_connection(name text, strategy text, options jsonb DEFAULT '{}',
    display_name text DEFAULT NULL, metadata jsonb DEFAULT '{}') RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.create_connection(text, text, jsonb, text, jsonb) IS
'Adds a source of users.

name: up to 128 letters, digits and single inner hyphens.
strategy: one of userdir.strategies().
options: kept and returned verbatim. Those that userdir acts on are checked: set_user_root_attributes (on_each_login, on_first_login, never_on_login), non_persistent_attrs, attribute_map, fieldsMap, user_id_attribute, requires_username, disable_signup, validation.
display_name: up to 128 characters. metadata: up to 10 strings of up to 255 characters.
Result: the connection, with its id (con_ and 16 letters and digits).
Errors: UD001 for a bad name, strategy or option; UD002 for a bad attribute map; 23505 when the name is taken.';

CREATE FUNCTION userdir._get_connection(name_or_id text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT userdir._connection_json(c.id) FROM userdir.connections c
   WHERE c.name = name_or_id OR c.id = name_or_id
$$;
COMMENT ON FUNCTION userdir._get_connection(text) IS 'Body of get_connection().';

CREATE FUNCTION userdir.get_connection(name_or_id text) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.get_connection(text) IS
'Returns a connection by its name or id, null when there is none.';

CREATE FUNCTION userdir._list_connections(strategy text, name text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(userdir._connection_json(c.id) ORDER BY c.name), '[]')
    FROM userdir.connections c
   WHERE (_list_connections.strategy IS NULL OR c.strategy = _list_connections.strategy)
     AND (_list_connections.name IS NULL OR c.name = _list_connections.name)
$$;
COMMENT ON FUNCTION userdir._list_connections(text, text) IS 'Body of list_connections().';

CREATE FUNCTION userdir.list_connections(strategy text DEFAULT NULL, name text DEFAULT NULL) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.list_connections(text, text) IS
'Returns the connections as a JSON array in the order of their names, those of one strategy or name when asked for.';

CREATE FUNCTION userdir._update_connection(name_or_id text, changes jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  connection userdir.connections;
  unknown text;
BEGIN
  IF changes IS NULL OR jsonb_typeof(changes) <> 'object' THEN
    RAISE EXCEPTION 'the changes of a connection must be a JSON object' USING ERRCODE = 'UD001';
  END IF;
  SELECT key INTO unknown FROM jsonb_object_keys(changes) key
   WHERE key NOT IN ('options', 'display_name', 'metadata') LIMIT 1;
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'property "%" of a connection cannot be changed', left(unknown, 64)
      USING ERRCODE = 'UD001', HINT = 'options, display_name and metadata can.';
  END IF;
  IF jsonb_typeof(changes -> 'display_name') NOT IN ('string', 'null') THEN
    RAISE EXCEPTION 'a connection''s display_name must be a string' USING ERRCODE = 'UD001';
  END IF;

  SELECT c.* INTO connection FROM userdir.connections c
   WHERE c.id = (SELECT f.id FROM userdir._find_connection(name_or_id) f) FOR NO KEY UPDATE;
  IF changes ? 'options' THEN
    connection.options := changes -> 'options';
  END IF;
  IF changes ? 'display_name' THEN
    connection.display_name := changes ->> 'display_name';
  END IF;
  IF changes ? 'metadata' THEN
    connection.metadata := changes -> 'metadata';
  END IF;
  PERFORM userdir._check_connection(connection.strategy, connection.options, connection.display_name, connection.metadata);

  UPDATE userdir.connections c
     SET options = connection.options, display_name = connection.display_name,
         metadata = connection.metadata, updated_at = now()
   WHERE c.id = connection.id;
  RETURN userdir._connection_json(connection.id);
END
$$;
COMMENT ON FUNCTION userdir._update_connection(text, jsonb) IS 'Body of update_connection().';

CREATE FUNCTION userdir.update_connection(name_or_id text, changes jsonb) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.update_connection(text, jsonb) IS
'Changes a connection.

name_or_id: which one. changes: an object with any of options, display_name and metadata. Each that is given replaces the old one whole: read the options, change them, write them back. A null display_name removes it.
Result: the connection as it is now.
Errors: UD008 when there is none; UD001 and UD002 as in create_connection().';

CREATE FUNCTION userdir._delete_connection(name_or_id text, delete_users boolean) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  connection_name text;
  linked_users text[];
BEGIN
  -- The lock keeps new users out of the connection until it is gone.
  SELECT c.name INTO connection_name FROM userdir.connections c
   WHERE c.name = name_or_id OR c.id = name_or_id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;

  IF coalesce(delete_users, false) THEN
    DELETE FROM userdir.users u
     USING userdir.identities i
     WHERE i.connection = connection_name AND i.is_primary AND u.user_id = i.user_id;
    -- What is left are identities that were linked to users of other connections.
    DELETE FROM userdir.identifiers n
     USING userdir.identities i
     WHERE i.connection = connection_name AND n.user_id = i.user_id
       AND n.provider = i.provider AND n.provider_user_id = i.provider_user_id;
    WITH gone AS (DELETE FROM userdir.identities i WHERE i.connection = connection_name RETURNING i.user_id)
    SELECT array_agg(g.user_id) INTO linked_users FROM gone g;
    PERFORM userdir._renew_identities(linked_users);
  ELSIF EXISTS (SELECT FROM userdir.identities i WHERE i.connection = connection_name) THEN
    RAISE EXCEPTION 'connection "%" has users', connection_name
      USING ERRCODE = 'dependent_objects_still_exist',
            HINT = 'Use userdir.delete_connection(name, delete_users => true) to delete them with it.';
  END IF;

  DELETE FROM userdir.connections c WHERE c.name = connection_name;
  RETURN true;
END
$$;
COMMENT ON FUNCTION userdir._delete_connection(text, boolean) IS 'Body of delete_connection().';

CREATE FUNCTION userdir.delete_connection(name_or_id text, delete_users boolean DEFAULT false) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.delete_connection(text, boolean) IS
'Deletes a connection.

delete_users: whether its users go with it, and the identities of it that are linked to other users; without it a connection that has users stays.
Result: true, or false when there was no such connection.
Errors: 2BP01 when it has users and delete_users is false; 23503 when rows of the application refer to them.';

-- sql/parts/80_users.sql

-- Users: reading them.

CREATE FUNCTION userdir._user_fields() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT '{user_id,email,email_verified,username,phone_number,phone_verified,name,given_name,family_name,nickname,picture,blocked,user_metadata,app_metadata,attributes,identities,created_at,updated_at,last_login,last_ip,logins_count}'::pg_catalog.text[]
$$;
COMMENT ON FUNCTION userdir._user_fields() IS 'Lists the root fields of a user.';

CREATE FUNCTION userdir._identities_json(user_id text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(
           jsonb_build_object('connection', i.connection, 'provider', i.provider,
                              'user_id', i.provider_user_id, 'isSocial', i.is_social)
           || CASE WHEN i.profile_data IS NULL THEN '{}'
                   ELSE jsonb_build_object('profileData', i.profile_data) END
           ORDER BY i.is_primary DESC, i.created_at, i.provider, i.provider_user_id), '[]')
    FROM userdir.identities i
   WHERE i.user_id = _identities_json.user_id
$$;
COMMENT ON FUNCTION userdir._identities_json(text) IS
'Returns the identities of a user in the model''s shape, the primary one first.';

-- In PL/pgSQL, here and below, because it keeps its plans; a function in SQL plans at every call.
CREATE FUNCTION userdir._users_json(user_ids text[]) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  -- The planner would plan anew for every length of the array; the plan is the same for all.
  SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(
           jsonb_strip_nulls(jsonb_build_object(
             'user_id', p.user_id, 'email', p.email, 'email_verified', p.email_verified,
             'username', p.username, 'phone_number', p.phone_number, 'phone_verified', p.phone_verified,
             'name', p.name, 'given_name', p.given_name, 'family_name', p.family_name,
             'nickname', p.nickname, 'picture', p.picture, 'blocked', p.blocked,
             'created_at', userdir._iso_timestamp(p.created_at), 'updated_at', userdir._iso_timestamp(p.updated_at),
             'last_login', userdir._iso_timestamp(p.last_login), 'last_ip', host(p.last_ip),
             'logins_count', p.logins_count))
           || jsonb_build_object('identities', p.identities)
           || CASE WHEN p.user_metadata IS NULL THEN '{}' ELSE jsonb_build_object('user_metadata', p.user_metadata) END
           || CASE WHEN p.app_metadata IS NULL THEN '{}' ELSE jsonb_build_object('app_metadata', p.app_metadata) END
           || CASE WHEN p.attributes IS NULL THEN '{}' ELSE jsonb_build_object('attributes', p.attributes) END
           ORDER BY wanted.place), '[]')
    FROM unnest(user_ids) WITH ORDINALITY AS wanted (user_id, place)
         -- OFFSET keeps the planner from joining whole tables for a handful of ids.
         CROSS JOIN LATERAL (SELECT * FROM userdir.profiles f WHERE f.user_id = wanted.user_id OFFSET 0) p);
END
$$;
COMMENT ON FUNCTION userdir._users_json(text[]) IS
'Returns users in the model''s shape as a JSON array, in the order of the given ids; unknown ids are left out.';

CREATE FUNCTION userdir.get_user(user_id text, fields text DEFAULT NULL, include_fields boolean DEFAULT true) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL SAFE COST 500
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN userdir._select_fields(userdir._users_json(ARRAY[user_id]) -> 0, fields, include_fields, userdir._user_fields());
END
$$;
COMMENT ON FUNCTION userdir.get_user(text, text, boolean) IS
'Returns a user in the model''s shape: absent keys instead of nulls, timestamps as ISO 8601 in UTC with milliseconds, what the provider sent beyond the normalized profile under attributes.

user_id: provider|id of the primary identity. fields: a comma-separated list of root fields; include_fields: whether only these or all but these are returned.
Result: the user, or null when there is none.
Errors: 22023 when a field is unknown.';

CREATE FUNCTION userdir.get_users_by_email(email text, fields text DEFAULT NULL, include_fields boolean DEFAULT true) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL SAFE COST 500
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(userdir._select_fields(u.value, fields, include_fields, userdir._user_fields()) ORDER BY u.ordinality), '[]')
    FROM jsonb_array_elements(userdir._users_json(ARRAY(
           SELECT p.user_id FROM userdir.users p
            WHERE p.email = get_users_by_email.email ORDER BY p.created_at, p.user_id)))
         WITH ORDINALITY u);
END
$$;
COMMENT ON FUNCTION userdir.get_users_by_email(text, text, boolean) IS
'Returns the users with exactly this e-mail address as a JSON array: none, one, or one of each connection. Case matters; addresses of database connections are stored in lower case.

fields, include_fields: as in get_user().
Errors: 22023 when a field is unknown.';

CREATE FUNCTION userdir._sort_column(field text, OUT column_type text, OUT nullable boolean)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.column_type, c.nullable
    FROM (VALUES ('user_id', 'text', false), ('created_at', 'timestamptz', false), ('updated_at', 'timestamptz', false),
                 ('email', 'text', true), ('email_verified', 'boolean', true), ('username', 'text', true),
                 ('phone_number', 'text', true), ('phone_verified', 'boolean', true), ('name', 'text', true),
                 ('given_name', 'text', true), ('family_name', 'text', true), ('nickname', 'text', true),
                 ('blocked', 'boolean', true), ('last_login', 'timestamptz', true), ('last_ip', 'inet', true),
                 ('logins_count', 'bigint', true)) AS c (field, column_type, nullable)
   WHERE c.field = _sort_column.field
$$;
COMMENT ON FUNCTION userdir._sort_column(text) IS 'Tells the type of a field that users can be sorted by; null when it is none.';

CREATE FUNCTION userdir._decode_cursor(cursor text, sort text) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  place jsonb;
BEGIN
  BEGIN
    place := convert_from(decode(cursor, 'hex'), 'UTF8')::jsonb;
  EXCEPTION WHEN data_exception OR character_not_in_repertoire THEN
    place := NULL;
  END;
  IF place IS NULL OR jsonb_typeof(place) <> 'array' OR jsonb_array_length(place) <> 3
     OR place ->> 0 IS DISTINCT FROM sort OR place ->> 2 IS NULL THEN
    RAISE EXCEPTION 'the cursor is not one of this list'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Pass the value of "next" from the page before, with the same sort.';
  END IF;
  RETURN place;
END
$$;
COMMENT ON FUNCTION userdir._decode_cursor(text, text) IS
'Returns the place that a cursor of list_users() stands for: [sort, value of the sorted field as text, user_id].';

CREATE FUNCTION userdir._page_condition(field text, descending boolean, place jsonb) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  col record := userdir._sort_column(field);
  beyond text := CASE WHEN descending THEN '<' ELSE '>' END;
  value text := format('%L::%s', place ->> 1, col.column_type);
BEGIN
  IF NOT col.nullable THEN
    RETURN format('(p.%1$I, p.user_id) %2$s (%3$s, %4$L)', field, beyond, value, place ->> 2);
  ELSIF place ->> 1 IS NULL THEN
    RETURN format('(p.%1$I IS NULL AND p.user_id %2$s %3$L)', field, beyond, place ->> 2);
  END IF;
  RETURN format('(p.%1$I %2$s %3$s OR p.%1$I = %3$s AND p.user_id %2$s %4$L OR p.%1$I IS NULL)',
                field, beyond, value, place ->> 2);
END
$$;
COMMENT ON FUNCTION userdir._page_condition(text, boolean, jsonb) IS
'Returns the SQL condition for the users that follow a place in a sorted list; nulls stand last.';

CREATE FUNCTION userdir.list_users(page integer DEFAULT 0, per_page integer DEFAULT 50, sort text DEFAULT 'created_at:1',
    fields text DEFAULT NULL, include_fields boolean DEFAULT true, include_totals boolean DEFAULT false,
    connection text DEFAULT NULL, take integer DEFAULT NULL, cursor text DEFAULT NULL) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 10000
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  field text;
  direction text;
  column_type text;
  nullable boolean;
  source text;
  condition text := 'true';
  by_cursor boolean := take IS NOT NULL OR cursor IS NOT NULL;
  page_size integer := CASE WHEN take IS NOT NULL OR cursor IS NOT NULL THEN coalesce(take, 50) ELSE per_page END;
  ids text[];
  sort_values text[];
  users jsonb;
  total bigint;
BEGIN
  IF sort IS NULL OR sort !~ '^[a-z_]+:(1|-1)$' THEN
    RAISE EXCEPTION 'sort must be a field, a colon and 1 or -1'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'For example: created_at:-1.';
  END IF;
  field := split_part(sort, ':', 1);
  direction := CASE split_part(sort, ':', 2) WHEN '1' THEN 'ASC' ELSE 'DESC' END;
  SELECT c.column_type, c.nullable INTO column_type, nullable FROM userdir._sort_column(field) c;
  IF column_type IS NULL THEN
    RAISE EXCEPTION 'users cannot be sorted by "%"', left(field, 64) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF page IS NULL OR page < 0 OR page_size IS NULL OR page_size < 0 OR page_size > 100 OR by_cursor AND page_size < 1 THEN
    RAISE EXCEPTION 'page must be 0 or more, per_page between 0 and 100, take between 1 and 100'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;

  -- Statistics of logins stand in a table of their own; it is joined only when sorted by.
  source := CASE WHEN field IN ('last_login', 'last_ip', 'logins_count') THEN 'userdir.profiles' ELSE 'userdir.users' END;
  IF connection IS NOT NULL THEN
    condition := format('EXISTS (SELECT FROM userdir.identities i WHERE i.user_id = p.user_id AND i.connection = %L)', connection);
  END IF;
  IF include_totals AND NOT by_cursor THEN
    EXECUTE format('SELECT count(*) FROM userdir.users p WHERE %s', condition) INTO total;
  END IF;
  IF cursor IS NOT NULL THEN
    condition := condition || ' AND ' || userdir._page_condition(field, direction = 'DESC', userdir._decode_cursor(cursor, sort));
  END IF;

  EXECUTE format('SELECT array_agg(f.user_id), array_agg(f.value)
                    FROM (SELECT p.user_id, %s AS value FROM %s p WHERE %s
                           ORDER BY p.%I %s %s, p.user_id %s LIMIT $1 OFFSET $2) f',
                 CASE column_type WHEN 'timestamptz' THEN format('userdir._iso_timestamp(p.%I)', field)
                                  ELSE format('p.%I::text', field) END,
                 source, condition, field, direction,
                 CASE WHEN nullable THEN 'NULLS LAST' ELSE '' END, direction)
    INTO ids, sort_values
    USING page_size, CASE WHEN by_cursor THEN 0 ELSE page::bigint * per_page END;

  users := userdir._users_json(ids);
  IF fields IS NOT NULL THEN
    users := (SELECT coalesce(jsonb_agg(userdir._select_fields(u.value, fields, include_fields, userdir._user_fields()) ORDER BY u.ordinality), '[]')
                FROM jsonb_array_elements(users) WITH ORDINALITY u);
  END IF;

  IF by_cursor THEN
    RETURN jsonb_build_object('users', users)
           || CASE WHEN cardinality(ids) = page_size
                   THEN jsonb_build_object('next', encode(convert_to(jsonb_build_array(sort, sort_values[page_size], ids[page_size])::text, 'UTF8'), 'hex'))
                   ELSE '{}' END;
  ELSIF include_totals THEN
    RETURN jsonb_build_object('start', page::bigint * per_page, 'limit', per_page, 'length', jsonb_array_length(users),
                              'total', total, 'users', users);
  END IF;
  RETURN users;
END
$$;
COMMENT ON FUNCTION userdir.list_users(integer, integer, text, text, boolean, boolean, text, integer, text) IS
'Returns a page of users. There is no limit to how far one may page; take and cursor cost the same on every page.

page: from 0. per_page: 0 to 100. sort: field:1 or field:-1 of a root field; users without the field stand last. fields, include_fields: as in get_user(). include_totals: return {start, limit, length, total, users} instead of the bare array. connection: only users with an identity of this connection.
take: 1 to 100, instead of page and per_page: return {users, next}. cursor: the next of the page before; without a next there is no further page.
Errors: 22023 for a bad argument.';

-- sql/parts/82_users_write.sql

-- Users: creating, changing and deleting them.

CREATE FUNCTION userdir._check_user_columns(name text, given_name text, family_name text, nickname text, picture text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF length(name) NOT BETWEEN 1 AND 300 THEN
    RAISE EXCEPTION 'name must have 1 to 300 characters' USING ERRCODE = 'UD004';
  ELSIF length(given_name) NOT BETWEEN 1 AND 150 THEN
    RAISE EXCEPTION 'given_name must have 1 to 150 characters' USING ERRCODE = 'UD004';
  ELSIF length(family_name) NOT BETWEEN 1 AND 150 THEN
    RAISE EXCEPTION 'family_name must have 1 to 150 characters' USING ERRCODE = 'UD004';
  ELSIF length(nickname) NOT BETWEEN 1 AND 300 THEN
    RAISE EXCEPTION 'nickname must have 1 to 300 characters' USING ERRCODE = 'UD004';
  ELSIF picture IS NOT NULL THEN
    PERFORM userdir._check_picture(picture);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_user_columns(text, text, text, text, text) IS
'Raises UD004 unless these values, where not null, are what a caller may set.';

CREATE FUNCTION userdir._check_user_body(body jsonb, known text[], nullable boolean) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  property record;
  wanted text;
BEGIN
  IF body IS NULL OR jsonb_typeof(body) <> 'object' THEN
    RAISE EXCEPTION 'a user must be a JSON object' USING ERRCODE = 'UD004';
  ELSIF body ? 'password' THEN
    RAISE EXCEPTION 'a password is not part of a user''s body'
      USING ERRCODE = 'UD006', HINT = 'A JSON document is logged and kept in plans as it is; passwords have functions of their own.';
  END IF;

  FOR property IN SELECT key, jsonb_typeof(value) AS type FROM jsonb_each(body) LOOP
    IF property.key <> ALL (known) THEN
      RAISE EXCEPTION 'property "%" is not one that can be set', left(property.key, 64)
        USING ERRCODE = 'UD004', HINT = format('These can: %s.', array_to_string(known, ', '));
    END IF;
    wanted := CASE
      WHEN property.key IN ('user_metadata', 'app_metadata') THEN 'object'
      WHEN property.key IN ('blocked', 'email_verified', 'phone_verified', 'verify_email', 'verify_phone_number') THEN 'boolean'
      ELSE 'string' END;
    IF property.type <> wanted AND NOT (nullable AND property.type = 'null') THEN
      RAISE EXCEPTION 'property "%" must be of type %, not %', property.key, wanted, property.type
        USING ERRCODE = 'UD004';
    END IF;
  END LOOP;

  PERFORM userdir._check_user_columns(body ->> 'name', body ->> 'given_name', body ->> 'family_name',
                                      body ->> 'nickname', body ->> 'picture');
END
$$;
COMMENT ON FUNCTION userdir._check_user_body(jsonb, text[], boolean) IS
'Raises UD004 unless body is an object whose properties are known and of the right type and length, UD006 when it carries a password.';

CREATE FUNCTION userdir._requires_username(options jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT coalesce(options OPERATOR(pg_catalog.->) 'requires_username' OPERATOR(pg_catalog.=) 'true', false)
$$;
COMMENT ON FUNCTION userdir._requires_username(jsonb) IS 'Tells whether users of a connection have user names.';

CREATE FUNCTION userdir._check_identifiers(kind text, options jsonb, strategy text, body jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  lengths jsonb := CASE WHEN jsonb_typeof(options #> '{validation,username}') = 'object' THEN options #> '{validation,username}' ELSE '{}' END;
BEGIN
  IF body ->> 'email' IS NOT NULL THEN
    PERFORM userdir._check_email(body ->> 'email');
    IF kind = 'database' THEN
      body := jsonb_set(body, '{email}', to_jsonb(lower(body ->> 'email' COLLATE "C")));
    END IF;
  END IF;
  IF body ->> 'username' IS NOT NULL THEN
    IF NOT userdir._requires_username(options) THEN
      RAISE EXCEPTION 'this connection''s users have no username'
        USING ERRCODE = 'UD006', HINT = 'Set the option requires_username of the connection to true.';
    END IF;
    body := jsonb_set(body, '{username}', to_jsonb(lower(body ->> 'username' COLLATE "C")));
    PERFORM userdir._check_username(body ->> 'username', coalesce((lengths ->> 'min')::integer, 1), coalesce((lengths ->> 'max')::integer, 15));
  END IF;
  IF body ->> 'phone_number' IS NOT NULL THEN
    PERFORM userdir._check_phone_number(body ->> 'phone_number');
  END IF;
  RETURN body;
END
$$;
COMMENT ON FUNCTION userdir._check_identifiers(text, jsonb, text, jsonb) IS
'Returns body with its email and username as the connection stores them; raises UD004 when an identifier is malformed, UD006 when the connection has no such identifier.';

CREATE FUNCTION userdir._identifier_rows(kind text, connection text, profile jsonb)
  RETURNS TABLE (value text, identifier_kind text, scope text)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 3
AS $$
  SELECT i.value, i.identifier_kind, connection
    FROM (VALUES (pg_catalog.lower((profile OPERATOR(pg_catalog.->>) 'email') COLLATE pg_catalog."C"), 'email'),
                 (pg_catalog.lower((profile OPERATOR(pg_catalog.->>) 'username') COLLATE pg_catalog."C"), 'username'),
                 (profile OPERATOR(pg_catalog.->>) 'phone_number', 'phone_number')) AS i (value, identifier_kind)
   WHERE i.value IS NOT NULL AND kind OPERATOR(pg_catalog.=) ANY ('{database,passwordless}'::pg_catalog.text[])
$$;
COMMENT ON FUNCTION userdir._identifier_rows(text, text, jsonb) IS
'Returns the names by which a login on a connection of this kind finds a profile. Where the provider says who somebody is, an e-mail address is not such a name: two accounts may share one.';

CREATE FUNCTION userdir._insert_user(kind text, profile jsonb) RETURNS text[]
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  new_id text := profile ->> 'user_id';
  identity jsonb := profile #> '{identities,0}';
  scope text := identity ->> 'connection';
  inserted boolean;
  taken text[];
BEGIN
  -- Until the end of the transaction nobody deletes the connection under its new user.
  PERFORM FROM userdir.connections c WHERE c.name = scope FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'connection "%" does not exist', scope
      USING ERRCODE = 'UD008', HINT = 'See userdir.list_connections().';
  END IF;

  SELECT array_agg(DISTINCT n.kind) INTO taken
    FROM (SELECT new_id, 'identity', '' UNION ALL SELECT * FROM userdir._identifier_rows(kind, scope, profile)) w (value, kind, scope)
    JOIN userdir.identifiers n ON n.value = w.value AND n.kind = w.kind AND n.connection = w.scope;
  IF taken IS NOT NULL THEN
    RETURN taken;
  END IF;

  -- One statement, so that triggers on users find the identity and foreign keys find the user.
  -- Somebody else may have taken a name since; those who then waited for them insert one row less.
  WITH new_user AS (
    INSERT INTO userdir.users (user_id, email, email_verified, username, phone_number, phone_verified, name,
                               given_name, family_name, nickname, picture, blocked, identities,
                               user_metadata, app_metadata, attributes)
    VALUES (new_id, profile ->> 'email', (profile ->> 'email_verified')::boolean, profile ->> 'username',
            profile ->> 'phone_number', (profile ->> 'phone_verified')::boolean, profile ->> 'name',
            profile ->> 'given_name', profile ->> 'family_name', profile ->> 'nickname', profile ->> 'picture',
            (profile ->> 'blocked')::boolean, profile -> 'identities',
            profile -> 'user_metadata', profile -> 'app_metadata', profile -> 'attributes')
    ON CONFLICT DO NOTHING
    RETURNING user_id
  ), new_identity AS (
    INSERT INTO userdir.identities (user_id, provider, provider_user_id, connection, is_primary, is_social)
    SELECT u.user_id, identity ->> 'provider', identity ->> 'user_id', scope, true, (identity ->> 'isSocial')::boolean
      FROM new_user u
  ), new_identifiers AS (
    INSERT INTO userdir.identifiers (value, kind, connection, user_id, provider, provider_user_id)
    SELECT w.value, w.kind, w.scope, u.user_id, identity ->> 'provider', identity ->> 'user_id'
      FROM new_user u,
           (SELECT new_id, 'identity', '' UNION ALL SELECT * FROM userdir._identifier_rows(kind, scope, profile)) w (value, kind, scope)
    ON CONFLICT DO NOTHING
    RETURNING identifiers.kind
  )
  SELECT EXISTS (SELECT FROM new_user),
         ARRAY(SELECT r.identifier_kind FROM userdir._identifier_rows(kind, scope, profile) r
                UNION ALL SELECT 'identity'
               EXCEPT SELECT n.kind FROM new_identifiers n)
    INTO inserted, taken;
  RETURN CASE WHEN inserted THEN taken ELSE '{identity}' END;
END
$$;
COMMENT ON FUNCTION userdir._insert_user(text, jsonb) IS
'Inserts a user with its identity and identifiers.

kind: that of the connection. profile: in the model''s shape, with exactly one identity.
Result: the kinds of identifiers that another user has already; empty when the user was inserted. The caller raises when it is not.
Errors: UD008 when the connection was deleted meanwhile.';

CREATE FUNCTION userdir._renew_identities(user_ids text[]) RETURNS void
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE userdir.users u
     SET identities = userdir._identities_json(u.user_id)
   WHERE u.user_id = ANY (user_ids)
     AND u.identities IS DISTINCT FROM userdir._identities_json(u.user_id)
$$;
COMMENT ON FUNCTION userdir._renew_identities(text[]) IS
'Writes what the table identities says of some users into users.identities; called after every change of that table.';

CREATE FUNCTION userdir._raise_user_exists(taken text[], connection text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'the user already exists'
    USING ERRCODE = 'unique_violation',
          DETAIL = CASE WHEN 'identity' = ANY (taken) THEN 'Another user has this user_id.'
                        ELSE format('Another user of connection "%s" has this %s.', connection, taken[1]) END;
END
$$;
COMMENT ON FUNCTION userdir._raise_user_exists(text[], text) IS 'Raises 23505 for a user whose identifiers are taken.';

CREATE FUNCTION userdir._create_user(connection text, profile jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record := userdir._find_connection(connection);
  body jsonb := profile;
  id_part text;
  taken text[];
BEGIN
  PERFORM userdir._check_user_body(body, '{connection,email,email_verified,phone_number,phone_verified,username,user_id,name,given_name,family_name,nickname,picture,blocked,verify_email,user_metadata,app_metadata}', false);
  IF body ->> 'connection' NOT IN (c.name, c.id) THEN
    RAISE EXCEPTION 'property "connection" names another connection than the argument' USING ERRCODE = 'UD004';
  END IF;
  IF c.kind NOT IN ('database', 'passwordless') AND c.options ->> 'set_user_root_attributes' IS DISTINCT FROM 'never_on_login' THEN
    RAISE EXCEPTION 'users of connection "%" are created when they log in', c.name
      USING ERRCODE = 'UD006',
            HINT = 'Use userdir.upsert_from_connection(), or set the option set_user_root_attributes to never_on_login to provision users.';
  END IF;

  body := userdir._check_identifiers(c.kind, c.options, c.strategy, body);
  IF c.strategy = 'sms' AND NOT body ? 'phone_number' THEN
    RAISE EXCEPTION 'property "phone_number" is required by connection "%"', c.name USING ERRCODE = 'UD004';
  ELSIF (c.kind = 'database' OR c.strategy = 'email') AND NOT body ? 'email' THEN
    RAISE EXCEPTION 'property "email" is required by connection "%"', c.name USING ERRCODE = 'UD004';
  ELSIF c.kind = 'database' AND userdir._requires_username(c.options) AND NOT body ? 'username' THEN
    RAISE EXCEPTION 'property "username" is required by connection "%"', c.name USING ERRCODE = 'UD004';
  END IF;

  id_part := body ->> 'user_id';
  IF id_part IS NOT NULL THEN
    PERFORM userdir._check_user_id_part(id_part);
  ELSIF c.kind IN ('database', 'passwordless') THEN
    id_part := userdir._new_object_id();
  ELSE
    RAISE EXCEPTION 'property "user_id" is required by connection "%"', c.name
      USING ERRCODE = 'UD004', HINT = 'It is what follows the first bar of the user_id that a login will bring.';
  END IF;

  body := jsonb_strip_nulls(jsonb_build_object(
            'name', coalesce(body ->> 'email', body ->> 'phone_number'),
            'nickname', coalesce(userdir.default_nickname(body ->> 'email'), body ->> 'username', body ->> 'phone_number'),
            'picture', userdir.default_picture(body ->> 'email', c.strategy),
            'email_verified', CASE WHEN body ? 'email' THEN false END,
            'phone_verified', CASE WHEN body ? 'phone_number' THEN false END))
          || (body - '{connection,verify_email}'::text[])
          || jsonb_build_object('user_id', c.provider || '|' || id_part,
               'identities', jsonb_build_array(jsonb_build_object('connection', c.name, 'provider', c.provider,
                                                                  'user_id', id_part, 'isSocial', c.kind = 'social')));
  taken := userdir._insert_user(c.kind, body);
  IF taken <> '{}' THEN
    PERFORM userdir._raise_user_exists(taken, c.name);
  END IF;
  RETURN userdir._users_json(ARRAY[body ->> 'user_id']) -> 0;
END
$$;
COMMENT ON FUNCTION userdir._create_user(text, jsonb) IS 'Body of create_user().';

CREATE FUNCTION userdir.create_user(connection text, profile jsonb) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.create_user(text, jsonb) IS
'Creates a user of a database or passwordless connection, or provisions one of a connection whose users are never created by a login.

connection: its name or id. profile: an object with any of email, email_verified, phone_number, phone_verified, username, user_id (the part after the bar, up to 255 characters without white space), name, given_name, family_name, nickname, picture, blocked, user_metadata, app_metadata. A database connection requires email, and username if its option requires_username is set; e-mail and user name are stored in lower case there. email requires email, sms phone_number. verify_email is accepted; userdir sends no mail.
Result: the user in the model''s shape. name defaults to the e-mail, nickname to its local part, picture to its Gravatar, user_id to 24 hexadecimal digits.
Errors: UD004 for a property that is missing, unknown, malformed or too long; UD005 and 54000 for metadata; UD006 when the connection does not take it; UD008 for an unknown connection; 23505 when the user_id exists anywhere, or the e-mail, user name or phone number in this connection.';

CREATE FUNCTION userdir._delete_user(user_id text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM userdir.users u WHERE u.user_id = _delete_user.user_id;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION userdir._delete_user(text) IS 'Body of delete_user().';

CREATE FUNCTION userdir.delete_user(user_id text) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.delete_user(text) IS
'Deletes a user with everything in the directory that belongs to it, linked identities included.

Result: true, or false when there was no such user, which is no error.
Errors: 23503 when rows of the application refer to the user without ON DELETE CASCADE.';

-- sql/parts/84_users_update.sql

-- Users: the model's PATCH.

CREATE FUNCTION userdir._root_attributes() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT '{name,given_name,family_name,nickname,picture}'::pg_catalog.text[] $$;
COMMENT ON FUNCTION userdir._root_attributes() IS
'Lists the five root attributes that a provider may own.';

CREATE FUNCTION userdir._is_external_database(options jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT coalesce(options OPERATOR(pg_catalog.->) 'enabledDatabaseCustomization' OPERATOR(pg_catalog.=) 'true', false)
         AND coalesce(options OPERATOR(pg_catalog.->) 'import_mode' OPERATOR(pg_catalog.<>) 'true', true)
$$;
COMMENT ON FUNCTION userdir._is_external_database(jsonb) IS
'Tells whether a database connection keeps its users in a database of somebody else, so that only a cached profile is here.';

CREATE FUNCTION userdir._owns_root_attributes(kind text, options jsonb) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE WHEN kind = 'passwordless' OR kind = 'database' AND NOT userdir._is_external_database(options) THEN true
              ELSE coalesce(options ->> 'set_user_root_attributes', 'on_each_login') <> 'on_each_login' END;
END
$$;
COMMENT ON FUNCTION userdir._owns_root_attributes(text, jsonb) IS
'Tells whether the directory, rather than the provider at the next login, decides on the five root attributes.';

CREATE FUNCTION userdir._check_update_combination(changes jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF changes ?& '{username,email}' OR changes ?& '{username,email_verified}' THEN
    RAISE EXCEPTION 'username cannot be updated together with email or email_verified'
      USING ERRCODE = 'UD006', HINT = 'Make two calls.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_update_combination(jsonb) IS
'Raises UD006 for properties that must not be updated in one call.';

CREATE FUNCTION userdir._check_update_allowed(c record, is_primary boolean, changes jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  root_changes text[] := ARRAY(SELECT r FROM unnest(userdir._root_attributes()) r WHERE changes ? r);
  removed text;
BEGIN
  IF changes ? 'email' AND c.kind <> 'database' THEN
    RAISE EXCEPTION 'the email of a user of connection "%" cannot be updated', c.name
      USING ERRCODE = 'UD006', DETAIL = 'Only users of a database connection change their e-mail here.';
  ELSIF changes ? 'username' AND c.kind <> 'database' THEN
    RAISE EXCEPTION 'the username of a user of connection "%" cannot be updated', c.name USING ERRCODE = 'UD006';
  ELSIF changes ?| '{phone_number,phone_verified}' AND c.kind <> 'database' AND c.strategy <> 'sms' THEN
    RAISE EXCEPTION 'the phone number of a user of connection "%" cannot be updated', c.name USING ERRCODE = 'UD006';
  ELSIF changes ? 'email_verified' AND (c.kind = 'enterprise' OR c.strategy = 'sms') THEN
    RAISE EXCEPTION 'email_verified of a user of connection "%" cannot be updated', c.name USING ERRCODE = 'UD006';
  END IF;

  IF root_changes <> '{}' AND NOT is_primary THEN
    RAISE EXCEPTION '% cannot be updated on a linked identity', root_changes[1]
      USING ERRCODE = 'UD006', DETAIL = 'The profile''s root attributes come from the primary identity.';
  ELSIF root_changes <> '{}' AND NOT userdir._owns_root_attributes(c.kind, c.options) THEN
    RAISE EXCEPTION '% of a user of connection "%" cannot be updated', root_changes[1], c.name
      USING ERRCODE = 'UD006', DETAIL = 'The provider sets it at each login.',
            HINT = 'Set the connection''s option set_user_root_attributes to on_first_login, or keep the value in user_metadata.';
  END IF;
  IF userdir._is_external_database(c.options) AND changes ?| '{email,email_verified,username,phone_number,phone_verified}' THEN
    RAISE EXCEPTION 'only metadata and blocked of a user of connection "%" can be updated', c.name
      USING ERRCODE = 'UD006', DETAIL = 'Its users live in a database of their own.';
  END IF;

  SELECT key INTO removed FROM jsonb_each(changes)
   WHERE value = 'null'
     AND (key = ANY (userdir._root_attributes()) AND c.kind IN ('database', 'passwordless')
          OR key = 'email' AND c.kind = 'database'
          OR key = 'username' AND userdir._requires_username(c.options)
          OR key = 'phone_number' AND c.strategy = 'sms')
     AND NOT coalesce(c.options -> 'non_persistent_attrs' ? key, false)
   LIMIT 1;
  IF removed IS NOT NULL THEN
    RAISE EXCEPTION '% of a user of connection "%" cannot be removed', removed, c.name USING ERRCODE = 'UD006';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_update_allowed(record, boolean, jsonb) IS
'Raises UD006 for changes that an identity of this connection does not allow.

c: a row of _find_connection(). is_primary: whether the changes are for the primary identity.';

CREATE FUNCTION userdir._replace_identifiers(identity_user text, identity_provider text, identity_id text, c record, profile jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  taken text[];
BEGIN
  -- Rows that stay are left alone: their keys do not have to be locked.
  DELETE FROM userdir.identifiers n
   WHERE n.user_id = identity_user AND n.provider = identity_provider AND n.provider_user_id = identity_id
     AND n.connection = c.name
     AND NOT EXISTS (SELECT FROM userdir._identifier_rows(c.kind, c.name, profile) r
                      WHERE r.value = n.value AND r.identifier_kind = n.kind);
  INSERT INTO userdir.identifiers (value, kind, connection, user_id, provider, provider_user_id)
    SELECT r.value, r.identifier_kind, r.scope, identity_user, identity_provider, identity_id
      FROM userdir._identifier_rows(c.kind, c.name, profile) r
    ON CONFLICT DO NOTHING;

  SELECT array_agg(r.identifier_kind) INTO taken
    FROM userdir._identifier_rows(c.kind, c.name, profile) r
   WHERE NOT EXISTS (SELECT FROM userdir.identifiers n
                      WHERE n.value = r.value AND n.kind = r.identifier_kind AND n.connection = r.scope
                        AND n.user_id = identity_user AND n.provider_user_id = identity_id);
  IF taken IS NOT NULL THEN
    PERFORM userdir._raise_user_exists(taken, c.name);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._replace_identifiers(text, text, text, record, jsonb) IS
'Makes the names by which an identity is found those of its profile; raises 23505 when another user has one.';

CREATE FUNCTION userdir._apply_changes(profile jsonb, changes jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- A new address is not a verified one.
  RETURN profile
         || CASE WHEN changes ->> 'email' IS DISTINCT FROM profile ->> 'email' AND changes ? 'email'
                 THEN '{"email_verified": false}'::jsonb ELSE '{}' END
         || CASE WHEN changes ->> 'phone_number' IS DISTINCT FROM profile ->> 'phone_number' AND changes ? 'phone_number'
                 THEN '{"phone_verified": false}'::jsonb ELSE '{}' END
         || (changes - '{connection,client_id,verify_email,verify_phone_number,user_metadata,app_metadata,blocked}'::text[]);
END
$$;
COMMENT ON FUNCTION userdir._apply_changes(jsonb, jsonb) IS
'Returns a profile with the changes of its root properties; nulls are for the caller to drop.';

CREATE FUNCTION userdir._merge_or_remove(stored jsonb, changes jsonb, key text) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE WHEN NOT changes ? key THEN stored
              WHEN changes -> key = 'null' THEN NULL
              ELSE userdir.merge_metadata(stored, changes -> key) END;
END
$$;
COMMENT ON FUNCTION userdir._merge_or_remove(jsonb, jsonb, text) IS
'Returns stored metadata after the changes under key: kept, merged at the first level, wiped by {} or removed by null.';

CREATE FUNCTION userdir._update_user(user_id text, changes jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stored userdir.users;
  target userdir.identities;
  c record;
  checked jsonb;
  updated userdir.users;
BEGIN
  PERFORM userdir._check_user_body(changes, '{connection,client_id,email,email_verified,phone_number,phone_verified,username,name,given_name,family_name,nickname,picture,blocked,verify_email,verify_phone_number,user_metadata,app_metadata}', true);
  PERFORM userdir._check_update_combination(changes);

  SELECT u.* INTO stored FROM userdir.users u WHERE u.user_id = _update_user.user_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the user does not exist' USING ERRCODE = 'UD007', DETAIL = format('user_id: "%s".', left(user_id, 255));
  END IF;

  -- Without a connection the changes are for the primary identity.
  SELECT i.* INTO target FROM userdir.identities i
   WHERE i.user_id = stored.user_id
     AND (changes ->> 'connection' IS NULL AND i.is_primary
          OR i.connection = (SELECT f.name FROM userdir._find_connection(changes ->> 'connection') f))
   ORDER BY i.is_primary DESC LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the user has no identity of connection "%"', changes ->> 'connection' USING ERRCODE = 'UD006';
  END IF;
  c := userdir._find_connection(target.connection);
  PERFORM userdir._check_update_allowed(c, target.is_primary, changes);
  checked := userdir._check_identifiers(c.kind, c.options, c.strategy, changes);

  updated := stored;
  updated.blocked := CASE WHEN checked ? 'blocked' THEN (checked ->> 'blocked')::boolean ELSE stored.blocked END;
  updated.user_metadata := userdir._merge_or_remove(stored.user_metadata, checked, 'user_metadata');
  updated.app_metadata := userdir._merge_or_remove(stored.app_metadata, checked, 'app_metadata');
  IF target.is_primary THEN
    updated := jsonb_populate_record(updated, userdir._apply_changes(
                 jsonb_build_object('email', stored.email, 'phone_number', stored.phone_number), checked));
    PERFORM userdir._replace_identifiers(stored.user_id, target.provider, target.provider_user_id, c,
              jsonb_build_object('email', updated.email, 'username', updated.username, 'phone_number', updated.phone_number));
  ELSE
    target.profile_data := jsonb_strip_nulls(userdir._apply_changes(coalesce(target.profile_data, '{}'), checked));
    PERFORM userdir._replace_identifiers(stored.user_id, target.provider, target.provider_user_id, c, target.profile_data);
    UPDATE userdir.identities i SET profile_data = target.profile_data
     WHERE i.user_id = target.user_id AND i.provider = target.provider AND i.provider_user_id = target.provider_user_id;
    updated.identities := userdir._identities_json(stored.user_id);
  END IF;

  UPDATE userdir.users u
     SET email = updated.email, email_verified = updated.email_verified, username = updated.username,
         phone_number = updated.phone_number, phone_verified = updated.phone_verified, name = updated.name,
         given_name = updated.given_name, family_name = updated.family_name, nickname = updated.nickname,
         picture = updated.picture, blocked = updated.blocked, identities = updated.identities,
         user_metadata = updated.user_metadata, app_metadata = updated.app_metadata
   WHERE u.user_id = stored.user_id AND updated IS DISTINCT FROM stored;
  RETURN userdir._users_json(ARRAY[stored.user_id]) -> 0;
END
$$;
COMMENT ON FUNCTION userdir._update_user(text, jsonb) IS 'Body of update_user().';

CREATE FUNCTION userdir.update_user(user_id text, changes jsonb) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.update_user(text, jsonb) IS
'Changes a user.

changes: an object with any of email, email_verified, phone_number, phone_verified, username, name, given_name, family_name, nickname, picture, blocked, user_metadata, app_metadata. What is absent stays; null removes where the connection allows it. Metadata is merged at its first level: a key replaces the stored key, null deletes it, {} wipes all. A changed email or phone_number is unverified unless the call says otherwise. connection names the linked identity whose email, username or phone number is meant; without it the primary one is. client_id, verify_email and verify_phone_number are accepted; userdir sends no message.
Result: the whole user as it is now.
Errors: UD007 when there is no such user; UD004 for a property that is unknown or malformed; UD005 and 54000 for metadata; UD006 for what the connection does not allow: root attributes that a provider sets at each login, an e-mail outside database connections, email_verified of enterprise or sms users, username together with email or email_verified, a password; 23505 when another user has the new identifier.';

-- sql/parts/86_upsert.sql

-- What a login brings: a user is created, or its profile refreshed.

CREATE FUNCTION userdir._keep_known(stored text, fresh text, fallback text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN fresh IS NULL OR fresh OPERATOR(pg_catalog.=) fallback THEN coalesce(stored, fresh) ELSE fresh END $$;
COMMENT ON FUNCTION userdir._keep_known(text, text, text) IS
'Returns what a refreshed attribute becomes: what the provider sent now, or, when it sent nothing and the normalized value is but a fallback, what it sent before. Apple tells a name at the first login only.';

CREATE FUNCTION userdir._without_provider_tokens(profile jsonb) RETURNS jsonb
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_set(profile, '{identities,0}',
                   (profile #> '{identities,0}') - '{access_token,access_token_secret,refresh_token,expires_in}'::text[])
$$;
COMMENT ON FUNCTION userdir._without_provider_tokens(jsonb) IS
'Returns a normalized profile without the tokens that its provider gave: the tables hold no credential in the clear.';

CREATE FUNCTION userdir._refresh_user(c record, stored_id text, fresh jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stored userdir.users;
  updated userdir.users;
  identity jsonb := fresh #> '{identities,0}';
  email text := fresh ->> 'email';
BEGIN
  SELECT u.* INTO STRICT stored FROM userdir.users u WHERE u.user_id = stored_id FOR NO KEY UPDATE;

  updated := stored;
  updated.email := coalesce(email, stored.email);
  updated.email_verified := CASE WHEN email IS NULL THEN stored.email_verified
                                 ELSE coalesce((fresh ->> 'email_verified')::boolean, stored.email_verified) END;
  updated.username := coalesce(fresh ->> 'username', stored.username);
  updated.phone_number := coalesce(fresh ->> 'phone_number', stored.phone_number);
  updated.phone_verified := coalesce((fresh ->> 'phone_verified')::boolean, stored.phone_verified);
  updated.attributes := fresh -> 'attributes';
  IF fresh ? 'user_metadata' THEN
    updated.user_metadata := userdir.merge_metadata(stored.user_metadata, fresh -> 'user_metadata');
  END IF;
  IF fresh ? 'app_metadata' THEN
    updated.app_metadata := userdir.merge_metadata(stored.app_metadata, fresh -> 'app_metadata');
  END IF;
  IF coalesce(c.options ->> 'set_user_root_attributes', 'on_each_login') = 'on_each_login' THEN
    updated.name := userdir._keep_known(stored.name, fresh ->> 'name', email);
    updated.given_name := coalesce(fresh ->> 'given_name', stored.given_name);
    updated.family_name := coalesce(fresh ->> 'family_name', stored.family_name);
    updated.nickname := userdir._keep_known(stored.nickname, fresh ->> 'nickname',
                                            coalesce(userdir.default_nickname(email), fresh ->> 'name'));
    updated.picture := userdir._keep_known(stored.picture, fresh ->> 'picture', userdir.default_picture(email, c.strategy));
  END IF;

  -- Most logins bring nothing new; they write nothing.
  IF updated IS NOT DISTINCT FROM stored THEN
    RETURN;
  END IF;
  IF c.kind IN ('database', 'passwordless') THEN
    PERFORM userdir._replace_identifiers(stored_id, identity ->> 'provider', identity ->> 'user_id', c,
              jsonb_build_object('email', updated.email, 'username', updated.username, 'phone_number', updated.phone_number));
  END IF;
  UPDATE userdir.users u
     SET email = updated.email, email_verified = updated.email_verified, username = updated.username,
         phone_number = updated.phone_number, phone_verified = updated.phone_verified, name = updated.name,
         given_name = updated.given_name, family_name = updated.family_name, nickname = updated.nickname,
         picture = updated.picture, attributes = updated.attributes,
         user_metadata = updated.user_metadata, app_metadata = updated.app_metadata
   WHERE u.user_id = stored_id;
END
$$;
COMMENT ON FUNCTION userdir._refresh_user(record, text, jsonb) IS
'Brings a user''s profile up to what its primary identity''s provider sent, as the connection''s sync mode says.

c: a row of _find_connection(). fresh: a normalized profile.';

CREATE FUNCTION userdir._refresh_linked_identity(owner_id text, fresh jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fresh_data jsonb := fresh - '{user_id,identities,user_metadata,app_metadata}'::text[];
BEGIN
  UPDATE userdir.identities i
     SET profile_data = fresh_data
   WHERE i.user_id = owner_id
     AND i.provider = fresh #>> '{identities,0,provider}'
     AND i.provider_user_id = fresh #>> '{identities,0,user_id}'
     AND i.profile_data IS DISTINCT FROM fresh_data;
  IF FOUND THEN
    PERFORM userdir._renew_identities(ARRAY[owner_id]);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._refresh_linked_identity(text, jsonb) IS
'Keeps what the provider of a linked identity sent with that identity; the user''s own profile stays that of the primary one.';

CREATE FUNCTION userdir._upsert_from_connection(connection text, raw jsonb, extras jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record := userdir._find_connection(connection);
  sync_mode text := coalesce(c.options ->> 'set_user_root_attributes', 'on_each_login');
  fresh jsonb := userdir._without_provider_tokens(
                   userdir.normalize_profile(c.strategy, raw, c.name, coalesce(extras, '{}'), c.options));
  owner_id text;
  found_connection text;
  is_primary boolean;
  taken text[];
BEGIN
  FOR attempt IN 1..3 LOOP
    SELECT n.user_id, i.connection, i.is_primary INTO owner_id, found_connection, is_primary
      FROM userdir.identifiers n
      JOIN userdir.identities i USING (user_id, provider, provider_user_id)
     WHERE n.value = fresh ->> 'user_id' AND n.kind = 'identity' AND n.connection = '';
    EXIT WHEN FOUND;

    IF sync_mode = 'never_on_login' THEN
      RAISE EXCEPTION 'connection "%" does not create users at login', c.name
        USING ERRCODE = 'UD007', DETAIL = 'Its option set_user_root_attributes is never_on_login.',
              HINT = 'Provision the user with userdir.create_user() first.';
    END IF;
    taken := userdir._insert_user(c.kind, fresh);
    IF taken = '{}' THEN
      RETURN userdir._users_json(ARRAY[fresh ->> 'user_id']) -> 0;
    ELSIF taken <> '{identity}' THEN
      PERFORM userdir._raise_user_exists(array_remove(taken, 'identity'), c.name);
    END IF;
    -- The same person logged in twice at once and the other login was first: refresh its user.
  END LOOP;
  IF owner_id IS NULL THEN
    PERFORM userdir._raise_user_exists('{identity}', c.name);
  END IF;

  IF found_connection <> c.name THEN
    RAISE EXCEPTION 'user_id "%" belongs to connection "%"', fresh ->> 'user_id', found_connection
      USING ERRCODE = 'unique_violation', HINT = 'Two connections must not give the same id to their users.';
  ELSIF NOT is_primary THEN
    PERFORM userdir._refresh_linked_identity(owner_id, fresh);
  ELSIF sync_mode <> 'never_on_login' THEN
    PERFORM userdir._refresh_user(c, owner_id, fresh);
  END IF;
  RETURN userdir._users_json(ARRAY[owner_id]) -> 0;
END
$$;
COMMENT ON FUNCTION userdir._upsert_from_connection(text, jsonb, jsonb) IS 'Body of upsert_from_connection().';

CREATE FUNCTION userdir.upsert_from_connection(connection text, raw jsonb, extras jsonb DEFAULT '{}') RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.upsert_from_connection(text, jsonb, jsonb) IS
'Creates the user that a provider''s payload speaks of, or refreshes its profile.

connection: its name or id. raw: the provider''s payload, as for normalize_profile(). extras: further answers of the provider by part name.
The connection''s option set_user_root_attributes decides: on_each_login (default) creates, and overwrites name, given_name, family_name, nickname and picture with what the provider sent; on_first_login creates, and leaves these five alone afterwards; never_on_login neither creates nor changes anything. E-mail, phone number and attributes are refreshed in the first two. What the provider does not send this time stays. A login through a linked identity refreshes that identity and returns the user it is linked to.
Result: the user in the model''s shape, after the change.
Errors: UD008 for an unknown connection; UD003 and 54000 when the payload cannot be normalized; UD007 when the user is unknown and the connection creates none; 23505 when the user_id belongs to another connection, or the e-mail to another user of a database connection. Nothing is stored then.';

-- sql/parts/90_privileges.sql

-- Privileges are handed out in bundles; nothing is for PUBLIC.

CREATE FUNCTION userdir._bundle_contents(OUT bundle text, OUT privilege text, OUT object text) RETURNS SETOF record
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT b.bundle, 'EXECUTE', f
    FROM (VALUES
      ('reader', '{get_user,get_users_by_email,list_users,version,
                   normalize_profile,strategies,default_attribute_map,default_attribute_maps,check_attribute_map,default_picture,default_nickname,
                   merge_metadata,json_merge_patch,check_metadata,
                   _users_json,_user_fields,_select_fields,_iso_timestamp,_sort_column,_decode_cursor,_page_condition,
                   _library_version,_extension_version,_expected_data_version,_data_version}'::text[]),
      ('editor', '{create_user,update_user,delete_user,_in_api,_in_installer,_check_user_columns,_check_picture}'),
      ('login', '{upsert_from_connection,version,_library_version,_extension_version,_expected_data_version,_data_version}'),
      ('admin', '{create_connection,get_connection,list_connections,update_connection,delete_connection}')
    ) AS b (bundle, functions), unnest(b.functions) f
  UNION ALL
  SELECT * FROM (VALUES
      ('reader', 'SELECT', 'userdir.users'),
      ('reader', 'SELECT', 'userdir.identities'),
      ('reader', 'SELECT', 'userdir.user_logins'),
      ('reader', 'SELECT', 'userdir.profiles'),
      ('reader', 'SELECT', 'userdir.directory'),
      ('reader', 'SELECT (id, name, strategy, display_name, metadata, created_at, updated_at)', 'userdir.connections'),
      ('editor', 'UPDATE (email_verified, phone_verified, name, given_name, family_name, nickname, picture, blocked, user_metadata, app_metadata, attributes)', 'userdir.users'),
      ('login', 'SELECT', 'userdir.directory')
    ) AS t (bundle, privilege, object)
$$;
COMMENT ON FUNCTION userdir._bundle_contents() IS
'Lists what each bundle adds: functions by their names, tables by their qualified names.';

CREATE FUNCTION userdir._contained_bundles(bundle text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE bundle WHEN 'reader' THEN '{reader}'
                     WHEN 'editor' THEN '{reader,editor}'
                     WHEN 'login' THEN '{login}'
                     WHEN 'admin' THEN '{reader,editor,login,admin}' END::text[]
$$;
COMMENT ON FUNCTION userdir._contained_bundles(text) IS 'Lists the bundles that a bundle is made of; null when there is no such bundle.';

CREATE FUNCTION userdir._bundle_statements(bundle text, verb text) RETURNS SETOF text
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 100
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%s %s ON %s', verb, c.privilege,
                CASE WHEN c.privilege = 'EXECUTE' THEN 'FUNCTION ' || p.oid::regprocedure ELSE c.object END)
    FROM userdir._bundle_contents() c
    LEFT JOIN (pg_proc p
               JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
               JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid AND e.extname = 'userdir')
      ON c.privilege = 'EXECUTE' AND p.proname = c.object
   WHERE c.bundle = ANY (userdir._contained_bundles(_bundle_statements.bundle))
     AND (c.privilege <> 'EXECUTE' OR p.oid IS NOT NULL)
$$;
COMMENT ON FUNCTION userdir._bundle_statements(text, text) IS
'Returns the beginnings of the GRANT or REVOKE statements of a bundle, up to the role.';

CREATE FUNCTION userdir._check_bundle(role_name text, bundle text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF userdir._contained_bundles(bundle) IS NULL THEN
    RAISE EXCEPTION 'unknown bundle "%"', left(bundle, 64)
      USING ERRCODE = 'invalid_parameter_value', HINT = 'The bundles are reader, editor, login and admin.';
  ELSIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    RAISE EXCEPTION 'role "%" does not exist', left(role_name, 64) USING ERRCODE = 'undefined_object';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_bundle(text, text) IS 'Raises 22023 for an unknown bundle, 42704 for an unknown role.';

CREATE FUNCTION userdir._apply_bundle(role_name text, bundle text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  statement text;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA userdir TO %I', role_name);
  FOR statement IN SELECT userdir._bundle_statements(bundle, 'GRANT') LOOP
    EXECUTE format('%s TO %I', statement, role_name);
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._apply_bundle(text, text) IS 'Grants all that a bundle holds to a role.';

CREATE FUNCTION userdir._renew_grants() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  g record;
BEGIN
  FOR g IN SELECT b.role_name, b.bundle FROM userdir.bundle_grants b
            WHERE EXISTS (SELECT FROM pg_roles r WHERE r.rolname = b.role_name)
            ORDER BY b.role_name, b.bundle
  LOOP
    PERFORM userdir._apply_bundle(g.role_name, g.bundle);
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._renew_grants() IS
'Grants again what was granted, so that roles also get what a new version added to their bundles.';

CREATE FUNCTION userdir._grant_to(role_name text, bundle text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM userdir._check_bundle(role_name, bundle);
  INSERT INTO userdir.bundle_grants (role_name, bundle) VALUES (_grant_to.role_name, _grant_to.bundle)
    ON CONFLICT DO NOTHING;
  PERFORM userdir._apply_bundle(role_name, bundle);
END
$$;
COMMENT ON FUNCTION userdir._grant_to(text, text) IS 'Body of grant_to().';

CREATE FUNCTION userdir.grant_to(role_name text, bundle text) RETURNS void
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.grant_to(text, text) IS
'Gives a role a bundle of privileges.

role_name: an existing role. bundle: reader (read users, identities and login statistics, not the options of connections), editor (reader, and create, change and delete users), login (let providers'' users in: upsert_from_connection), admin (all of these, and manage connections). Installing, dropping and granting stay with the owner.
A later install() gives the role what a new version adds to its bundles.
Errors: 22023 for an unknown bundle; 42704 for an unknown role.';

CREATE FUNCTION userdir._revoke_from(role_name text, bundle text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  statement text;
BEGIN
  PERFORM userdir._check_bundle(role_name, bundle);
  DELETE FROM userdir.bundle_grants b WHERE b.role_name = _revoke_from.role_name AND b.bundle = _revoke_from.bundle;
  FOR statement IN SELECT userdir._bundle_statements(bundle, 'REVOKE') LOOP
    EXECUTE format('%s FROM %I', statement, role_name);
  END LOOP;
  EXECUTE format('REVOKE USAGE ON SCHEMA userdir FROM %I', role_name);

  -- What another of the role's bundles holds as well stays.
  PERFORM userdir._renew_grants();
END
$$;
COMMENT ON FUNCTION userdir._revoke_from(text, text) IS 'Body of revoke_from().';

CREATE FUNCTION userdir.revoke_from(role_name text, bundle text) RETURNS void
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.revoke_from(text, text) IS
'Takes a bundle of privileges from a role. What another bundle of the role holds as well stays.

role_name, bundle, errors: as in grant_to().';

-- sql/parts/99_privileges.sql

-- Nothing here is for PUBLIC. The owner of the database, and of a directory that is there already,
-- gets everything with the right to pass it on, so that install() and grant_to() need no superuser.
--
-- Updates of the extension end with this as well. It grants on new objects only and on no schema:
-- whatever rights an object has at that point count as the extension's own from then on, and a dump
-- would leave out those that grant_to() gave.

DO $privileges$
DECLARE
  found record;
BEGIN
  -- A function or operator that stood here before and has the name of one of ours could be taken for it.
  FOR found IN
    SELECT p.oid::regprocedure::text AS object
      FROM pg_proc p
     WHERE p.pronamespace = 'userdir'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
       AND EXISTS (SELECT FROM pg_proc o JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = o.oid AND d.deptype = 'e'
                    WHERE o.pronamespace = p.pronamespace AND o.proname = p.proname)
    UNION ALL
    SELECT p.oid::regoperator::text
      FROM pg_operator p
     WHERE p.oprnamespace = 'userdir'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_operator'::regclass AND d.objid = p.oid AND d.deptype = 'e')
       AND EXISTS (SELECT FROM pg_operator o JOIN pg_depend d ON d.classid = 'pg_operator'::regclass AND d.objid = o.oid AND d.deptype = 'e'
                    WHERE o.oprnamespace = p.oprnamespace AND o.oprname = p.oprname)
  LOOP
    RAISE EXCEPTION '% stands in schema userdir under a name of the extension', found.object
      USING ERRCODE = 'duplicate_function', HINT = 'Find out who made it, and drop it.';
  END LOOP;

  FOR found IN
    SELECT CASE d.classid WHEN 'pg_proc'::regclass THEN format('FUNCTION %s', d.objid::regprocedure)
                          ELSE format('TYPE %s', d.objid::regtype) END AS object,
           owner.name AS owner
      FROM pg_depend d
      JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
     CROSS JOIN (SELECT pg_get_userbyid(b.datdba)::text FROM pg_database b WHERE b.datname = current_database()
                 UNION SELECT o FROM userdir._directory_owner() o WHERE o IS NOT NULL) owner (name)
     WHERE d.deptype = 'e' AND e.extname = 'userdir' AND d.classid IN ('pg_proc'::regclass, 'pg_type'::regclass)
       AND NOT EXISTS (SELECT FROM pg_init_privs i WHERE i.classoid = d.classid AND i.objoid = d.objid)
     ORDER BY 1, 2
  LOOP
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', found.object);
    EXECUTE format('GRANT ALL ON %s TO %I WITH GRANT OPTION', found.object, found.owner);
  END LOOP;

  -- A schema that came with the extension goes to the owner of the database, who will create tables in it.
  FOR found IN
    SELECT pg_get_userbyid(b.datdba)::text AS owner
      FROM pg_database b, pg_namespace n
     WHERE b.datname = current_database() AND n.nspname = 'userdir'
       AND n.nspowner <> b.datdba AND pg_get_userbyid(n.nspowner) = current_user
  LOOP
    EXECUTE format('ALTER SCHEMA userdir OWNER TO %I', found.owner);
  END LOOP;

  FOR found IN
    SELECT pg_get_userbyid(n.nspowner)::text AS owner
      FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner JOIN pg_database b ON b.datname = current_database()
     WHERE n.nspname = 'userdir' AND NOT r.rolsuper AND n.nspowner <> b.datdba
       AND r.rolname::text IS DISTINCT FROM userdir._directory_owner()
  LOOP
    RAISE WARNING 'schema userdir belongs to role "%"', found.owner
      USING HINT = 'Whoever owns a schema can drop what is in it. ALTER SCHEMA userdir OWNER TO somebody whom you trust with the directory.';
  END LOOP;

  -- Only the extension's owner may set its comment: a dump that anybody else restores would stumble on it.
  COMMENT ON EXTENSION userdir IS NULL;
END
$privileges$;

