-- The life of a directory's tables: install, version, uninstall.

CREATE FUNCTION userdir._storage_steps(OUT number integer, OUT name text, OUT script text) RETURNS SETOF record
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
  SET search_path = pg_catalog, pg_temp
AS $steps$
  VALUES
-- @STORAGE_STEPS@
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
       -- Since PostgreSQL 17 the type of a type's arrays is a member too, but it has its type's privileges.
       AND NOT (d.classid = 'pg_type'::regclass AND EXISTS (SELECT FROM pg_type t WHERE t.typarray = d.objid))
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

CREATE FUNCTION userdir._record_install(directory_name text, search_indexes text, found_version integer) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted_version integer := userdir._expected_data_version();
  former_name text := (SELECT d.name FROM userdir.directory d);
  chosen_name text;
BEGIN
  -- What is as it was is not written, so that a second install() leaves no trace.
  UPDATE userdir.directory d
     SET name = coalesce(directory_name, d.name), data_version = wanted_version,
         search_indexes = coalesce(_record_install.search_indexes, d.search_indexes), updated_at = now()
   WHERE (d.name, d.data_version, d.search_indexes)
         IS DISTINCT FROM (coalesce(directory_name, d.name), wanted_version, coalesce(_record_install.search_indexes, d.search_indexes));
  SELECT d.name INTO chosen_name FROM userdir.directory d;
  IF NOT FOUND THEN
    INSERT INTO userdir.directory (name, data_version, search_indexes)
      VALUES (coalesce(directory_name, current_database()), wanted_version, coalesce(_record_install.search_indexes, 'full'))
      RETURNING name INTO chosen_name;
    RETURN format('installed directory "%s" at data version %s', chosen_name, wanted_version);
  ELSIF found_version < wanted_version THEN
    RETURN format('upgraded directory "%s" from data version %s to %s', chosen_name, found_version, wanted_version);
  END IF;
  RETURN format('directory "%s" is at data version %s, views and triggers renewed', chosen_name, wanted_version)
         || CASE WHEN former_name <> chosen_name THEN format('; its name was "%s"', former_name) ELSE '' END;
END
$$;
COMMENT ON FUNCTION userdir._record_install(text, text, integer) IS
'Writes the directory''s row after the storage steps ran, and returns the line that says what became of the directory.';

CREATE FUNCTION userdir.__install_storage(directory_name text, search_indexes text) RETURNS text[]
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_version integer := coalesce(nullif(userdir._data_version(), 0), userdir._stated_version(), 0);
  wanted_version integer := userdir._expected_data_version();
  done text[];
  outcome text;
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
  outcome := userdir._record_install(directory_name, search_indexes, found_version);
  done := done || ARRAY(SELECT userdir._renew_search_indexes());
  PERFORM userdir._renew_grants();
  RETURN done || outcome;
END
$$;
COMMENT ON FUNCTION userdir.__install_storage(text, text) IS 'Body of _install_storage().';

CREATE FUNCTION userdir._install_storage(directory_name text, search_indexes text) RETURNS text[]
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_installer';
COMMENT ON FUNCTION userdir._install_storage(text, text) IS
'Creates or upgrades the tables as their owner, or as the caller where there are none; returns a line for each thing that was done.';

CREATE FUNCTION userdir.install(directory_name text DEFAULT NULL, search_indexes text DEFAULT NULL) RETURNS SETOF text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 10
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = warning
AS $$
BEGIN
  PERFORM userdir._check_installer();
  IF search_indexes NOT IN ('full', 'lean') THEN
    RAISE EXCEPTION 'search_indexes must be full or lean' USING ERRCODE = 'invalid_parameter_value';
  ELSIF directory_name = '' THEN
    RAISE EXCEPTION 'a directory''s name must not be empty' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  -- Two installs at once would trip over each other's tables.
  PERFORM pg_advisory_xact_lock(hashtext('userdir.install'));

  -- After a restore into a database of another owner, say.
  IF (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
    PERFORM userdir._equip_owner(o) FROM userdir._directory_owner() o WHERE o IS NOT NULL;
  END IF;
  RETURN QUERY SELECT unnest(userdir._install_storage(directory_name, search_indexes));
END
$$;
COMMENT ON FUNCTION userdir.install(text, text) IS
'Creates the directory''s tables, views and triggers in schema userdir, owned by the caller, or brings older ones to this version. May be repeated: what is in place is left alone, rows are kept, views and triggers are renewed; only a name or set of indexes that is given is new. Whoever calls it, existing tables keep their owner, and new ones get the same.

directory_name: what uninstall() will ask for; by default the database''s name, or the name that the directory already has. search_indexes: full (default) keeps an index for every kind of search; lean only the B-trees that exact, prefix and domain searches need; null keeps what the directory has. On a large directory the first full install builds indexes for minutes and blocks writes meanwhile.
Result: a line for each thing that was done.
Errors: 22023 for an unknown set of indexes or an empty name; 42501 when the caller may not create objects here or does not own the directory; UD102 when library, SQL objects and tables do not fit; 25006 on a standby.';

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
  DROP VIEW userdir.profiles, userdir.breached_password_lines, userdir.event_consumers, userdir.rules, userdir.pre_login, userdir.post_login, userdir.pre_user_registration,
            userdir.post_user_registration, userdir.post_change_password, userdir.credentials_exchange;
  DROP TABLE userdir.events, userdir.consumers, userdir.client_grants, userdir.login_continuations, userdir.rule_configuration, userdir.disabled_rules, userdir.signing_keys, userdir.access_tokens, userdir.refresh_tokens, userdir.sessions, userdir.resource_servers, userdir.clients,
             userdir.logs, userdir.tickets, userdir.credentials,
             userdir.login_attempts, userdir.attack_protection, userdir.password_history,
             userdir.breached_loads, userdir.breached_passwords,
             userdir.user_logins, userdir.identifiers, userdir.identities, userdir.users,
             userdir.migration_tickets, userdir.connection_keys, userdir.connections, userdir.bundle_grants, userdir.directory;
  DROP FUNCTION userdir.users_guard(), userdir.breached_lines_begin(), userdir.breached_lines_add(), userdir.breached_lines_end(), userdir.signing_keys_changed(), userdir.rules_listing();
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
