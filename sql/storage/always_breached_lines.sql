-- What a list of breached passwords is copied to. The functions are found when they are called, so
-- that the tables do not depend on the extension.

CREATE OR REPLACE VIEW userdir.breached_password_lines AS SELECT NULL::text AS line WHERE false;
COMMENT ON VIEW userdir.breached_password_lines IS 'Empty. Lines of a list of breached passwords that are copied or inserted here go to breached_passwords: 40 hexadecimal digits of a SHA-1, which a colon and a count may follow.';

CREATE OR REPLACE FUNCTION userdir.breached_lines_begin() RETURNS trigger
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $trigger$
BEGIN
  PERFORM userdir._open_breached_load();
  RETURN NULL;
END
$trigger$;
COMMENT ON FUNCTION userdir.breached_lines_begin() IS 'Statement trigger of userdir.breached_password_lines: begins a load.';
REVOKE ALL ON FUNCTION userdir.breached_lines_begin() FROM PUBLIC;

-- Without a search_path of its own, which would take longer than all the rest: nothing in it is looked
-- up by one.
CREATE OR REPLACE FUNCTION userdir.breached_lines_add() RETURNS trigger
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $trigger$
BEGIN
  -- COPY would keep a row that is returned until it ends, a billion of them.
  IF userdir._add_breached_lines(NEW.line) THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END
$trigger$;
COMMENT ON FUNCTION userdir.breached_lines_add() IS 'Row trigger of userdir.breached_password_lines: takes a line.';
REVOKE ALL ON FUNCTION userdir.breached_lines_add() FROM PUBLIC;

CREATE OR REPLACE FUNCTION userdir.breached_lines_end() RETURNS trigger
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $trigger$
DECLARE
  load record;
BEGIN
  load := userdir._close_breached_load();
  RAISE NOTICE 'lines: %, new hashes: %', load.lines, load.added;
  RETURN NULL;
END
$trigger$;
COMMENT ON FUNCTION userdir.breached_lines_end() IS 'Statement trigger of userdir.breached_password_lines: stores what came.';
REVOKE ALL ON FUNCTION userdir.breached_lines_end() FROM PUBLIC;

CREATE OR REPLACE TRIGGER userdir_begin
  BEFORE INSERT ON userdir.breached_password_lines
  FOR EACH STATEMENT EXECUTE FUNCTION userdir.breached_lines_begin();
CREATE OR REPLACE TRIGGER userdir_add
  INSTEAD OF INSERT ON userdir.breached_password_lines
  FOR EACH ROW EXECUTE FUNCTION userdir.breached_lines_add();
CREATE OR REPLACE TRIGGER userdir_end
  AFTER INSERT ON userdir.breached_password_lines
  FOR EACH STATEMENT EXECUTE FUNCTION userdir.breached_lines_end();
COMMENT ON TRIGGER userdir_begin ON userdir.breached_password_lines IS 'Begins a load; see breached_lines_begin().';
COMMENT ON TRIGGER userdir_add ON userdir.breached_password_lines IS 'Takes a line; see breached_lines_add().';
COMMENT ON TRIGGER userdir_end ON userdir.breached_password_lines IS 'Stores what came; see breached_lines_end().';
