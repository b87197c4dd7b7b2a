-- Every test starts from a new directory and may fail in any way without harm to the next.
-- Included with:  \getenv abs_srcdir PG_ABS_SRCDIR
--                 \set fresh_directory :abs_srcdir '/fresh_directory.sql'
--                 \i :fresh_directory
\set ECHO none
\set SHOW_CONTEXT never
\pset null '(null)'
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS userdir CASCADE;
DROP SCHEMA IF EXISTS userdir CASCADE;
DROP SCHEMA IF EXISTS public CASCADE;
CREATE SCHEMA public;
GRANT USAGE ON SCHEMA public TO PUBLIC;
CREATE EXTENSION userdir;
DO $$ BEGIN PERFORM userdir.install('test'); END $$;

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

-- A user without what differs from run to run.
CREATE OR REPLACE FUNCTION pg_temp.show(u jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT jsonb_pretty(u - '{created_at,updated_at}'::text[]) $$;
RESET client_min_messages;
\set ECHO all
