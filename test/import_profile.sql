-- import_profile(connection, raw): what a function of the directory does that takes users over from a
-- database of somebody else. Included like fresh_directory.sql.
\set ECHO none
CREATE FUNCTION userdir._import_profile(connection text, raw jsonb) RETURNS jsonb LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN userdir._upsert_profile(userdir._find_connection(connection), raw, '{}'); END $$;
CREATE FUNCTION userdir.import_profile(connection text, raw jsonb) RETURNS jsonb
  LANGUAGE c AS '$libdir/userdir', 'userdir_as_owner';
\set ECHO all
