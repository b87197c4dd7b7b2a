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

\ir t/try.sql

-- A user without what differs from run to run.
CREATE OR REPLACE FUNCTION pg_temp.show(u jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT jsonb_pretty(u - '{created_at,updated_at}'::text[]) $$;
RESET client_min_messages;
\set ECHO all
