-- In a database of the benchmark only: passwords are right at once. What is replaced is kept, for
-- real_hash.sql.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE TABLE bench.kept AS SELECT pg_get_functiondef(p) AS definition
  FROM unnest(ARRAY['userdir._check_password(userdir.secret,text)', 'bench.verify(text,text)']::regprocedure[]) p;
CREATE OR REPLACE FUNCTION userdir._check_password(password userdir.secret, hash text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN true; END $$;
CREATE OR REPLACE FUNCTION bench.verify(password text, hash text) RETURNS boolean LANGUAGE sql VOLATILE
AS $$ SELECT true $$;
