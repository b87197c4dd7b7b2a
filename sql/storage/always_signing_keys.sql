-- Sessions keep keys that they have parsed; this tells them when to look again.

CREATE OR REPLACE FUNCTION userdir.signing_keys_changed() RETURNS trigger
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $trigger$
BEGIN
  PERFORM userdir._signing_keys_changed();
  RETURN NULL;
END
$trigger$;
COMMENT ON FUNCTION userdir.signing_keys_changed() IS 'Statement trigger of userdir.signing_keys: makes all sessions read the keys again.';
REVOKE ALL ON FUNCTION userdir.signing_keys_changed() FROM PUBLIC;

CREATE OR REPLACE TRIGGER userdir_changed
  AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON userdir.signing_keys
  FOR EACH STATEMENT EXECUTE FUNCTION userdir.signing_keys_changed();
COMMENT ON TRIGGER userdir_changed ON userdir.signing_keys IS 'Makes all sessions read the keys again; see signing_keys_changed().';
