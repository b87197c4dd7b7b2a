-- Runs a statement and tells what came of it: "ok", or the error with all that a caller sees.
CREATE OR REPLACE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  d text; h text; m text;
BEGIN
  EXECUTE statement;
  RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
  RETURN sqlstate || ': ' || m || CASE WHEN d <> '' THEN E'\n  detail: ' || d ELSE '' END
         || CASE WHEN h <> '' THEN E'\n  hint: ' || h ELSE '' END;
END $$;
