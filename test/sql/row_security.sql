-- Policies that ask who is acting: plans, parallel workers, prepared statements, cursors, other roles, forgers
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set identities :abs_srcdir '/identities.sql'
\i :identities

CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  plan text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    plan := plan || line || E'\n';
  END LOOP;
  RETURN plan;
END $$;

-- The policy uses the index on its column.
EXPLAIN (COSTS OFF) SELECT * FROM notes;
EXPLAIN (COSTS OFF) SELECT * FROM notes WHERE id < 10 AND body LIKE 'note%';
EXPLAIN (COSTS OFF) UPDATE notes SET body = 'x';
EXPLAIN (COSTS OFF) SELECT * FROM reports;
EXPLAIN (COSTS OFF) SELECT n.id FROM reports r JOIN notes n ON n.id = r.id;
-- So does a query; what needs no row it looks at once, before any.
RESET ROLE;
EXPLAIN (COSTS OFF) SELECT * FROM notes WHERE owner = userdir.user_id();
EXPLAIN (COSTS OFF) SELECT * FROM notes WHERE owner = userdir.claim_text('sub') AND userdir.has_scope('openid');
SELECT pg_temp.plan_of('SELECT * FROM notes WHERE owner = (SELECT userdir.user_id())') ~ 'Index Scan using notes_owner.*InitPlan' AS uses_index;
SET ROLE ud_app;

-- Prepared statements follow whoever acts, with plans of both kinds.
PREPARE mine AS SELECT id FROM notes ORDER BY id;
PREPARE permitted(integer) AS SELECT id FROM reports WHERE id >= $1;
PREPARE change(text) AS UPDATE notes SET body = $1 RETURNING id, body;
CREATE FUNCTION pg_temp.in_sql() RETURNS SETOF integer STABLE LANGUAGE sql AS 'SELECT id FROM public.notes';
CREATE FUNCTION pg_temp.in_plpgsql() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT min(id) FROM public.notes); END';
SET plan_cache_mode = force_generic_plan;
BEGIN;
EXECUTE mine; EXECUTE permitted(0); SELECT pg_temp.in_sql(), pg_temp.in_plpgsql();
SELECT userdir.authenticate(:'ann');
EXECUTE mine; EXECUTE permitted(0); EXECUTE change('by ann'); SELECT pg_temp.in_sql(), pg_temp.in_plpgsql();
SELECT userdir.authenticate(:'bob');
EXECUTE mine; EXECUTE permitted(0); EXECUTE change('by bob'); SELECT pg_temp.in_sql(), pg_temp.in_plpgsql();
SELECT userdir.clear_identity();
EXECUTE mine; EXECUTE permitted(0); EXECUTE change('by nobody'); SELECT pg_temp.in_sql(), pg_temp.in_plpgsql();
COMMIT;
SET plan_cache_mode = force_custom_plan;
BEGIN;
SELECT userdir.authenticate(:'ann');
EXECUTE mine; EXECUTE permitted(0);
SELECT userdir.authenticate(:'bob');
EXECUTE mine; EXECUTE permitted(0);
COMMIT;
EXECUTE mine; EXECUTE permitted(0);
RESET plan_cache_mode;

-- A cursor goes on where the identity changes: a scan of the table asks for each row, what an index or a sort has
-- found stays found. So cursors are to be closed before; those that outlast their transaction hold what was seen in it.
RESET ROLE;
INSERT INTO notes VALUES (2001, 'auth0|ann', 'second'), (2002, 'auth0|bob', 'second');
SET ROLE ud_app;
BEGIN;
SELECT userdir.authenticate(:'ann');
SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off;
DECLARE row_by_row CURSOR FOR SELECT id, owner FROM notes;
DECLARE sorted CURSOR FOR SELECT id, owner FROM notes ORDER BY id;
DECLARE held CURSOR WITH HOLD FOR SELECT id, owner FROM notes ORDER BY id;
FETCH row_by_row; FETCH sorted;
SELECT userdir.authenticate(:'bob');
FETCH ALL row_by_row; FETCH ALL sorted;
SELECT userdir.authenticate(:'ann');
COMMIT;
SELECT who();
FETCH ALL held;
CLOSE held;

-- Workers do not know the identity, so a table whose policy asks for it is read by the leader; the answers stay right.
RESET ROLE;
DO $$ BEGIN
  PERFORM set_config(name, '0', false) FROM unnest('{parallel_setup_cost,parallel_tuple_cost,min_parallel_table_scan_size,min_parallel_index_scan_size}'::text[]) name;
  PERFORM set_config('max_parallel_workers_per_gather', '2', false);
END $$;
CREATE TABLE many AS SELECT n AS id, CASE WHEN n % 1000 = 0 THEN 'auth0|ann' ELSE 'auth0|' || n END AS owner FROM generate_series(1, 20000) n;
ANALYZE many;
GRANT SELECT ON many TO ud_app;
-- It is these settings that make a plan parallel; a condition that asks who is acting prevents it.
EXPLAIN (COSTS OFF) SELECT count(*) FROM many WHERE owner = 'auth0|ann';
EXPLAIN (COSTS OFF) SELECT count(*) FROM many WHERE owner = userdir.user_id();
-- But one that asks once, ahead of the scan, lets it be parallel.
SELECT pg_temp.plan_of('SELECT count(*) FROM many WHERE owner = (SELECT userdir.user_id())') ~ 'InitPlan.*Gather' AS is_parallel;
ALTER TABLE many ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON many USING (owner = userdir.user_id());
SET ROLE ud_app;
EXPLAIN (COSTS OFF) SELECT count(*) FROM many;
EXPLAIN (COSTS OFF) SELECT count(*) FROM many m JOIN many o USING (id);
BEGIN;
SELECT userdir.authenticate(:'ann');
SELECT count(*), count(*) FILTER (WHERE owner = 'auth0|ann') AS own FROM many;
SELECT count(*) FROM many m JOIN many o USING (id);
SELECT count(*) FROM many WHERE owner = (SELECT userdir.user_id());
SELECT count(*) FROM many m WHERE EXISTS (SELECT FROM notes n WHERE n.owner = m.owner);
-- Every plan that may be run in a worker is, under this name or that.
SELECT set_config(name, CASE vartype WHEN 'bool' THEN 'on' ELSE 'regress' END, true) AS forced FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SELECT who(), count(*) FROM many;
SELECT userdir.user_id(), userdir.has_scope('openid') AS scope, userdir.has_permission('read:reports') AS permission, userdir.has_role('auditor') AS role, userdir.organization_id() AS org, userdir.claim('sub'), userdir.claim_text('scope');
SELECT owner, count(*) FROM many GROUP BY owner;
EXECUTE mine;
COMMIT;
SELECT who(), (SELECT count(*) FROM many) AS many;
-- Whoever declares a wrapper safe that is not gets an error, not an answer for nobody.
RESET ROLE;
CREATE FUNCTION wrongly_safe() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS 'BEGIN RETURN userdir.user_id(); END';
CREATE FUNCTION wrongly_not() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS 'BEGIN RETURN NOT userdir.has_role(''banned''); END';
CREATE FUNCTION wrongly_become(token text) RETURNS text LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS 'BEGIN RETURN userdir.authenticate(token); END';
CREATE FUNCTION wrongly_clear() RETURNS text LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS 'BEGIN RETURN userdir.clear_identity(); END';
ALTER TABLE many DISABLE ROW LEVEL SECURITY;
BEGIN;
SELECT userdir.authenticate(:'ann');
SET LOCAL parallel_leader_participation = off;
SELECT pg_temp.try('SELECT count(*) FROM many WHERE owner = wrongly_safe()');
SELECT pg_temp.try('SELECT count(*) FROM many WHERE wrongly_not()');
SELECT who();
SELECT pg_temp.try(format('SELECT count(*) FROM many WHERE owner = wrongly_become(%L)', :'bob'));
SELECT pg_temp.try('SELECT count(*) FROM many WHERE owner = wrongly_clear()');
SET LOCAL parallel_leader_participation = on;
SET LOCAL max_parallel_workers = 0;
SELECT pg_temp.try('SELECT count(*) FROM many WHERE owner = wrongly_clear()');
SELECT who() AS still;
COMMIT;
RESET ALL;

-- The identity is not the role's: SET ROLE, functions and views of others leave it as it is.
CREATE FUNCTION of_owner() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT current_user || '' '' || public.who()';
ALTER FUNCTION of_owner() OWNER TO ud_owner;
CREATE FUNCTION become_in_definer(token text) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT userdir.authenticate(token)';
ALTER FUNCTION become_in_definer(text) OWNER TO ud_owner;
CREATE VIEW of_view AS SELECT userdir.user_id(), id FROM notes;
ALTER VIEW of_view OWNER TO ud_owner;
CREATE VIEW of_invoker WITH (security_invoker) AS SELECT userdir.user_id(), id FROM notes;
CREATE VIEW of_superuser AS SELECT userdir.user_id(), count(*) FROM notes;
GRANT SELECT ON of_view, of_invoker, of_superuser TO ud_app;
SET ROLE ud_app;
BEGIN;
SELECT userdir.authenticate(:'ann');
SELECT current_user, who();
SELECT of_owner();
SELECT * FROM of_view; SELECT * FROM of_invoker;
-- A view of somebody whom no policy restricts shows all, as ever.
SELECT * FROM of_superuser;
SET LOCAL ROLE ud_other;
SELECT current_user, who();
RESET ROLE;
SELECT current_user = session_user AS superuser, userdir.user_id(), count(*) FROM notes;
SET LOCAL ROLE ud_app;
SELECT become_in_definer(:'bob');
SELECT who();
COMMIT;

-- Forgers. What SQL can set, define, cast or call gives no identity.
RESET ROLE;
GRANT CREATE ON SCHEMA public TO ud_app;
SET ROLE ud_app;
SELECT pg_temp.try($$SET userdir.session_identity = on$$);
SELECT pg_temp.try($$SET LOCAL userdir.session_identity = on$$);
SELECT pg_temp.try($$RESET userdir.session_identity$$);
SELECT pg_temp.try($$SET userdir.user_id = 'auth0|ann'$$);
SELECT pg_temp.try($$SET request.jwt.claims = '{"sub": "auth0|ann"}'$$);
SELECT pg_temp.try($$SET request.jwt.claim.sub = 'auth0|ann'$$);
SELECT pg_temp.try($$SET role = 'auth0|ann'$$);
SELECT pg_temp.try($$SELECT userdir.authenticate('{"sub": "auth0|ann", "exp": 99999999999}')$$);
SELECT pg_temp.try($$SELECT userdir.authenticate('{"sub": "auth0|ann", "exp": 99999999999}'::jsonb)$$);
SELECT pg_temp.try($$SELECT userdir.authenticate('auth0|ann'::text::userdir.secret)$$);
SELECT pg_temp.try($$SELECT userdir.authenticate('eyJhbGciOiJub25lIn0.eyJzdWIiOiJhdXRoMHxhbm4iLCJleHAiOjk5OTk5OTk5OTk5fQ.')$$);
SELECT pg_temp.try($$CREATE FUNCTION userdir.user_id(integer) RETURNS text LANGUAGE sql AS 'SELECT ''auth0|ann'''$$);
SELECT pg_temp.try($$CREATE OR REPLACE FUNCTION userdir.user_id() RETURNS text LANGUAGE sql AS 'SELECT ''auth0|ann'''$$);
SELECT pg_temp.try($$CREATE FUNCTION public.u() RETURNS text LANGUAGE c AS '$libdir/userdir', 'userdir_user_id'$$);
SELECT pg_temp.try($$CREATE CAST (jsonb AS userdir.secret) WITH INOUT AS IMPLICIT$$);
SELECT pg_temp.try($$DROP POLICY own ON public.notes$$);
SELECT pg_temp.try($$ALTER TABLE public.notes DISABLE ROW LEVEL SECURITY$$);
SELECT pg_temp.try($$SELECT userdir.sign_jwt('{"sub": "auth0|ann", "exp": 99999999999}')$$);
SELECT who();
-- What others have others run for them does not reach out into their session.
CREATE FUNCTION public.reach_out(token text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM userdir.authenticate(token, for_session => true);
  RETURN 'done';
EXCEPTION WHEN insufficient_privilege THEN
  BEGIN
    PERFORM userdir.clear_identity();
  EXCEPTION WHEN insufficient_privilege THEN
    RETURN sqlerrm || ', ' || userdir.user_id();
  END;
END $$;
CREATE MATERIALIZED VIEW public.trap AS SELECT public.reach_out(:'bob') AS came_of_it WITH NO DATA;
RESET ROLE;
SELECT userdir.authenticate(:'ann', for_session => true);
REFRESH MATERIALIZED VIEW trap;
SELECT came_of_it, userdir.user_id() FROM trap;
SELECT userdir.clear_identity();
SET ROLE ud_app;
-- Nor do namesakes that come first in the path: policies have bound what they call.
CREATE FUNCTION public.user_id() RETURNS text LANGUAGE sql AS $$SELECT 'auth0|ann'$$;
CREATE FUNCTION public.always(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.always);
SET search_path = public, pg_catalog, userdir;
SELECT user_id(), userdir.user_id(), who();
RESET search_path;
-- A condition of one's own that looks at each row does not see the rows of others.
CREATE FUNCTION public.tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$BEGIN RAISE NOTICE 'saw %', $1; RETURN true; END$$;
BEGIN;
SELECT userdir.authenticate(:'bob');
SELECT id FROM notes WHERE tell(owner) AND id < 2000;
SELECT pg_temp.try('SELECT id FROM notes WHERE 1 / (CASE WHEN owner = ''auth0|ann'' THEN 0 ELSE 1 END) = 1 AND id < 2000');
COMMIT;
-- Without the bundle nothing can be asked, and a policy that asks gives nothing away.
RESET ROLE;
REVOKE ud_other FROM ud_app;
SELECT userdir.revoke_from('ud_app', 'identity');
SET ROLE ud_app;
SELECT pg_temp.try('SELECT userdir.user_id()'), pg_temp.try('SELECT userdir.authenticate(''x'')'), pg_temp.try('SELECT id FROM public.notes');
RESET ROLE;
