-- Measures what it costs to ask for each row who is acting, over comparing with a constant.
--
-- usage: psql -f test/bench/identity.sql   in a database of its own (make bench-identity)
--
-- A table that is in memory is read from end to end by conditions that no row meets and no index serves, again and
-- again in turns. The figures are those of the fastest turn, since other work on the machine only adds, in
-- nanoseconds for a row.
\set ON_ERROR_STOP on
\pset footer off
SET client_min_messages = warning;
CREATE EXTENSION userdir;
SELECT count(*) FROM userdir.install() \g /dev/null
SELECT userdir.create_signing_key('ES256') \g /dev/null
SELECT jsonb_build_object('sub', 'auth0|5f7c8ec7c33c6c004bbafe82', 'iat', floor(extract(epoch FROM now())), 'exp', floor(extract(epoch FROM now())) + 36000,
         'iss', 'https://shop.example.com/', 'aud', 'https://api.example.com', 'azp', 'Nn1Rmk0yZ3Jsd4u8VtXw6Q2bHc5Lp7Sa', 'org_id', 'org_9aBcDeFgHiJkLmNo', 'scope', 'openid profile email read:orders write:orders',
         'permissions', (SELECT jsonb_agg('read:thing' || n) FROM generate_series(1, 50) n), 'roles', jsonb_build_array('admin', 'clerk'), 'https://shop.example.com/plan', jsonb_build_object('name', 'gold')) AS claims \gset
SELECT userdir.sign_jwt(:'claims', 'ES256') AS token \gset
SELECT userdir.authenticate(:'token', for_session => true) \g /dev/null

SET jit = off;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE items AS SELECT n AS id, 'auth0|' || md5(n::text) AS owner FROM generate_series(1, 1000000) n;
VACUUM (FREEZE, ANALYZE) items;
CREATE TABLE guarded AS TABLE items;
VACUUM (FREEZE, ANALYZE) guarded;
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON guarded USING (owner = userdir.user_id());
DO $$ BEGIN
  DROP ROLE IF EXISTS bench_identity;
  CREATE ROLE bench_identity;
  PERFORM userdir.grant_to('bench_identity', 'identity');
END $$;
GRANT SELECT ON items, guarded TO bench_identity;

CREATE TABLE ways (place integer GENERATED ALWAYS AS IDENTITY, way text, statement text, trusts boolean DEFAULT false);
INSERT INTO ways (way, statement) VALUES
  ('constant', $$SELECT count(*) FROM items WHERE owner = 'auth0|5f7c8ec7c33c6c004bbafe82'$$),
  ('user_id()', $$SELECT count(*) FROM items WHERE owner = userdir.user_id()$$),
  ('policy with user_id()', $$SELECT count(*) FROM guarded$$),
  ('(SELECT user_id())', $$SELECT count(*) FROM items WHERE owner = (SELECT userdir.user_id())$$),
  ('organization_id()', $$SELECT count(*) FROM items WHERE owner = userdir.organization_id()$$),
  ('claim_text(''https://shop.example.com/plan.name'')', $$SELECT count(*) FROM items WHERE owner = userdir.claim_text('https://shop.example.com/plan.name')$$),
  ('constant or has_scope()', $$SELECT count(*) FROM items WHERE owner = 'auth0|5f7c8ec7c33c6c004bbafe82' OR userdir.has_scope(owner)$$),
  ('constant or has_permission(), 50 of them', $$SELECT count(*) FROM items WHERE owner = 'auth0|5f7c8ec7c33c6c004bbafe82' OR userdir.has_permission(owner)$$),
  ('constant or has_role()', $$SELECT count(*) FROM items WHERE owner = 'auth0|5f7c8ec7c33c6c004bbafe82' OR userdir.has_role(owner)$$);
INSERT INTO ways (way, statement, trusts) VALUES
  ('user_id() of a trusted request.jwt.claims', $$SELECT count(*) FROM items WHERE owner = userdir.user_id()$$, true),
  ('current_setting(''request.jwt.claims'')::json ->> ''sub''', $$SELECT count(*) FROM items WHERE owner = current_setting('request.jwt.claims')::json ->> 'sub'$$, true);

CREATE TABLE measured (place integer, nanoseconds double precision);
GRANT SELECT ON ways TO bench_identity;
GRANT INSERT ON measured TO bench_identity;
CREATE PROCEDURE measure(trusting boolean) LANGUAGE plpgsql AS $$
DECLARE
  w record;
  began timestamptz;
  matches bigint;
BEGIN
  FOR w IN SELECT * FROM ways ORDER BY place LOOP
    CONTINUE WHEN w.trusts <> trusting;
    began := clock_timestamp();
    EXECUTE w.statement INTO matches;
    INSERT INTO measured VALUES (w.place, extract(epoch FROM clock_timestamp() - began) * 1e9 / 1000000);
    IF matches <> 0 THEN RAISE EXCEPTION '% rows match', matches; END IF;
  END LOOP;
END $$;

SET ROLE bench_identity;
CALL measure(false); CALL measure(false); CALL measure(false); CALL measure(false); CALL measure(false); CALL measure(false);
CALL measure(false); CALL measure(false); CALL measure(false); CALL measure(false); CALL measure(false); CALL measure(false); CALL measure(false); CALL measure(false); CALL measure(false);
RESET ROLE;
SELECT set_config('request.jwt.claims', :'claims', false) \g /dev/null
SELECT userdir.clear_identity() \g /dev/null
SET userdir.trust_request_claims = on;
SET ROLE bench_identity;
CALL measure(true); CALL measure(true); CALL measure(true); CALL measure(true); CALL measure(true);
RESET ROLE;

WITH fastest AS (SELECT place, min(nanoseconds) AS ns FROM measured GROUP BY place)
SELECT w.way AS "condition", round(m.ns::numeric, 1) AS "ns/row", round((m.ns - c.ns)::numeric, 1) AS "over constant",
       CASE WHEN w.way ~ '^(user_id\(\)|policy with user_id\(\))$' THEN CASE WHEN m.ns - c.ns < 50 THEN 'yes' ELSE 'NO' END ELSE '' END AS "below 50"
  FROM ways w JOIN fastest m USING (place), fastest c WHERE c.place = 1 ORDER BY w.place;
DROP OWNED BY bench_identity;
