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
  RETURN (SELECT d.data_version FROM userdir.directory d);
END
$$;
COMMENT ON FUNCTION userdir._data_version() IS
'Returns the data version of the directory''s tables, 0 where there are none.';

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
  IF to_regclass('userdir.users') IS NOT NULL
     AND NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = to_regclass('userdir.users')), 'USAGE') THEN
    RAISE EXCEPTION 'role "%" does not own this directory', current_user
      USING ERRCODE = 'insufficient_privilege',
            HINT = format('Call this function as role "%s".',
                          (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('userdir.users')));
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_installer() IS
'Raises unless the caller may install, upgrade or drop the directory here and now.';

CREATE FUNCTION userdir.install(directory_name text DEFAULT NULL) RETURNS SETOF text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = warning
AS $$
DECLARE
  found_version integer;
  wanted_version integer := userdir._expected_data_version();
  chosen_name text;
  step record;
BEGIN
  PERFORM userdir._check_installer();
  IF directory_name = '' THEN
    RAISE EXCEPTION 'a directory''s name must not be empty' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  -- Two installs at once would trip over each other's tables.
  PERFORM pg_advisory_xact_lock(hashtext('userdir.install'));
  found_version := userdir._data_version();
  IF found_version > wanted_version THEN
    RAISE EXCEPTION 'the directory''s tables are at data version %, newer than %, which this userdir knows',
                    found_version, wanted_version
      USING ERRCODE = 'UD102', HINT = 'Install the newer userdir that made these tables.';
  END IF;

  FOR step IN SELECT s.number, s.name, s.script FROM userdir._storage_steps() s
               WHERE s.number > found_version ORDER BY s.number
  LOOP
    EXECUTE step.script;
    RETURN NEXT format('ran storage step %s', step.name);
  END LOOP;
  FOR step IN SELECT s.script FROM userdir._storage_steps() s WHERE s.number IS NULL ORDER BY s.name LOOP
    EXECUTE step.script;
  END LOOP;
  PERFORM userdir._renew_grants();

  IF found_version = 0 THEN
    INSERT INTO userdir.directory (name, data_version)
      VALUES (coalesce(directory_name, current_database()), wanted_version)
      RETURNING name INTO chosen_name;
    RETURN NEXT format('installed directory "%s" at data version %s', chosen_name, wanted_version);
    RETURN;
  END IF;

  UPDATE userdir.directory
     SET name = coalesce(directory_name, name), data_version = wanted_version,
         updated_at = CASE WHEN data_version = wanted_version AND name = coalesce(directory_name, name)
                           THEN updated_at ELSE now() END
   RETURNING name INTO chosen_name;
  IF found_version < wanted_version THEN
    RETURN NEXT format('upgraded directory "%s" from data version %s to %s', chosen_name, found_version, wanted_version);
  ELSE
    RETURN NEXT format('directory "%s" is at data version %s, views and triggers renewed', chosen_name, wanted_version);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir.install(text) IS
'Creates the directory''s tables, views and triggers in schema userdir, owned by the caller, or brings older ones to this version. May be repeated: what is in place is left alone, rows are kept, views and triggers are renewed.

directory_name: what uninstall() will ask for; by default the database''s name, or the name that the directory already has.
Result: a line for each thing that was done.
Errors: 42501 when the caller may not create objects here or does not own the directory; UD102 when library, SQL objects and tables do not fit; 25006 on a standby.';

CREATE FUNCTION userdir.uninstall(confirm text) RETURNS SETOF text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = warning
AS $$
DECLARE
  directory_name text;
  users_count bigint;
BEGIN
  IF to_regclass('userdir.directory') IS NULL THEN
    RAISE EXCEPTION 'this database holds no user directory' USING ERRCODE = 'UD101';
  END IF;
  PERFORM userdir._check_installer();

  SELECT name INTO directory_name FROM userdir.directory;
  IF confirm IS DISTINCT FROM directory_name THEN
    RAISE EXCEPTION 'the directory was not dropped: the confirmation is not its name'
      USING ERRCODE = 'UD103',
            HINT = 'Its name is in userdir.directory. Every user in it would be lost.';
  END IF;

  SELECT count(*) INTO users_count FROM userdir.users;
  DROP VIEW userdir.profiles;
  DROP TABLE userdir.user_logins, userdir.identifiers, userdir.identities, userdir.users,
             userdir.connections, userdir.bundle_grants, userdir.attack_protection, userdir.login_attempts,
             userdir.directory;
  DROP FUNCTION userdir.users_guard();
  RETURN NEXT format('dropped directory "%s" with %s users', directory_name, users_count);
END
$$;
COMMENT ON FUNCTION userdir.uninstall(text) IS
'Drops the directory''s tables with all that is in them.

confirm: the exact name of the directory, as in userdir.directory.
Result: a line that says what was dropped.
Errors: UD103 when the confirmation is not the name; UD101 without a directory; 42501 when the caller does not own it; 2BP01 while objects of others, such as foreign keys or views, depend on it.';
