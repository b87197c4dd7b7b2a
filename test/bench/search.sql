-- Measures searches against hand-written SQL with the best index for each query.
--
-- usage: psql -v count=100000 -v rounds=40 -f test/bench/search.sql   in a database with a directory
--
-- bench.users holds the same rows as userdir.users, in the same order, but with the indexes of a
-- person who knows the query; so neither side can use the other's. Both sides run in turns, each
-- statement parsed, planned and executed anew, with other constants each time.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = pg_catalog, pg_temp;

DROP TABLE IF EXISTS bench.users CASCADE;
CREATE TABLE bench.users AS SELECT u.*, l.last_login, l.last_ip, l.logins_count FROM userdir.users u LEFT JOIN userdir.user_logins l USING (user_id);
ALTER TABLE bench.users ADD PRIMARY KEY (user_id);
CREATE INDEX ON bench.users (created_at, user_id);
CREATE INDEX ON bench.users (lower(email) COLLATE "C");
CREATE INDEX ON bench.users (reverse(lower(email)) COLLATE "C");
CREATE INDEX ON bench.users (split_part(lower(email), '@', 2) COLLATE "C");
CREATE INDEX ON bench.users (lower(name) COLLATE "C");
CREATE INDEX ON bench.users (lower(family_name) COLLATE "C");
CREATE INDEX ON bench.users (updated_at);
CREATE INDEX ON bench.users ((app_metadata ->> 'org_id') COLLATE "C");
CREATE INDEX ON bench.users ((app_metadata #>> '{stripe,customer}'));
CREATE INDEX ON bench.users (((app_metadata ->> 'quota')::integer));
CREATE INDEX ON bench.users ((user_metadata ->> 'company') COLLATE "C");
CREATE INDEX ON bench.users ((user_metadata ->> 'joined') COLLATE "C");
CREATE INDEX ON bench.users ((user_metadata ? 'vat')) WHERE user_metadata ? 'vat';
CREATE INDEX ON bench.users USING gin (user_metadata jsonb_path_ops);
CREATE INDEX ON bench.users USING gin (app_metadata jsonb_path_ops);
CREATE INDEX ON bench.users USING gin (identities jsonb_path_ops);
DO $$ BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX ON bench.users USING gin (lower(name) gin_trgm_ops);
EXCEPTION WHEN undefined_file OR feature_not_supported THEN
  RAISE WARNING 'pg_trgm is not here: infix searches are compared with a sequential scan';
END $$;
VACUUM ANALYZE bench.users;

-- One class a row: the query, and the SQL that says the same. $n, $s and the like are drawn anew
-- for each round from the rows themselves.
DROP TABLE IF EXISTS bench.classes;
CREATE TABLE bench.classes (place integer GENERATED ALWAYS AS IDENTITY, class text PRIMARY KEY, query text, by_hand text);
INSERT INTO bench.classes (class, query, by_hand) VALUES
  ('exact user_id', 'user_id:"$user_id"', $$user_id = '$user_id'$$),
  ('exact email', 'email:"$email"', $$lower(email) COLLATE "C" = '$email'$$),
  ('prefix of email', 'email:$email8*', $$lower(email) COLLATE "C" >= '$email8' AND lower(email) COLLATE "C" < '$email8~'$$),
  ('suffix of email', 'email:*@$company', $$reverse(lower(email)) COLLATE "C" >= reverse('@$company') AND reverse(lower(email)) COLLATE "C" < reverse('@$company') || '~'$$),
  ('email.domain', 'email.domain:$company', $$split_part(lower(email), '@', 2) COLLATE "C" = '$company'$$),
  ('infix of name, 6 characters', 'name:*escue-*', $$lower(name) LIKE '%escue-%'$$),
  ('infix of name, 4 characters', 'name:*$infix4*', $$lower(name) LIKE '%$infix4%'$$),
  ('exact name', 'name:"$name"', $$lower(name) COLLATE "C" = lower('$name')$$),
  ('day of created_at', 'created_at:$day', $$created_at >= '$day' AND created_at < date '$day' + 1$$),
  ('hour range of updated_at', 'updated_at:[$hour TO $hour]', $$updated_at >= '$hour:00' AND updated_at < timestamp '$hour:00' + interval '1 minute'$$),
  ('metadata, 1 match', 'app_metadata.stripe.customer:$customer', $$app_metadata #>> '{stripe,customer}' = '$customer'$$),
  ('metadata, 50 matches', 'app_metadata.org_id:$org', $$(app_metadata ->> 'org_id') COLLATE "C" = '$org'$$),
  ('metadata range of 0.05 %', 'app_metadata.quota:[$quota TO $quota2]', $$(app_metadata ->> 'quota')::integer BETWEEN $quota AND $quota2$$),
  ('metadata prefix', 'user_metadata.company:$prefix*', $$(user_metadata ->> 'company') COLLATE "C" >= '$company6' AND (user_metadata ->> 'company') COLLATE "C" < '$company6~'$$),
  ('metadata date', 'user_metadata.joined:$joined', $$(user_metadata ->> 'joined') COLLATE "C" = '$joined'$$),
  ('metadata exists, 0.2 %', '_exists_:user_metadata.vat', $$user_metadata ? 'vat'$$),
  ('nested array, of objects', 'user_metadata.places.city:"$city" AND app_metadata.org_id:$org', $$user_metadata @> '{"places": [{"city": "$city"}]}' AND (app_metadata ->> 'org_id') COLLATE "C" = '$org'$$),
  ('metadata, 1 %', 'app_metadata.beta:true', $$app_metadata @> '{"beta": true}'$$),
  ('metadata, 2 %', 'app_metadata.role:admin', $$app_metadata @> '{"role": "admin"}'$$),
  ('metadata, 5 %', 'user_metadata.lang:pl', $$user_metadata @> '{"lang": "pl"}'$$),
  ('metadata, 30 %', 'app_metadata.plan:gold', $$app_metadata @> '{"plan": "gold"}'$$),
  ('OR of 8 addresses', 'email:("$email" OR "a1@x.example" OR "a2@x.example" OR "a3@x.example" OR "a4@x.example" OR "a5@x.example" OR "a6@x.example" OR "a7@x.example")',
   $$lower(email) COLLATE "C" IN ('$email', 'a1@x.example', 'a2@x.example', 'a3@x.example', 'a4@x.example', 'a5@x.example', 'a6@x.example', 'a7@x.example')$$),
  ('negation beside a selective term', 'app_metadata.org_id:$org AND NOT app_metadata.plan:free', $$(app_metadata ->> 'org_id') COLLATE "C" = '$org' AND NOT app_metadata @> '{"plan": "free"}'$$),
  ('broad beside selective', 'app_metadata.org_id:$org AND app_metadata.role:user AND NOT blocked:true', $$(app_metadata ->> 'org_id') COLLATE "C" = '$org' AND app_metadata @> '{"role": "user"}' AND blocked IS NOT TRUE$$),
  ('two broad terms', 'user_metadata.lang:pl AND app_metadata.plan:gold', $$user_metadata @> '{"lang": "pl"}' AND app_metadata @> '{"plan": "gold"}'$$),
  ('five clauses', 'email_verified:true AND app_metadata.plan:gold AND user_metadata.ui.theme:dark AND app_metadata.org_id:$org AND NOT blocked:true',
   $$email_verified AND app_metadata @> '{"plan": "gold"}' AND user_metadata @> '{"ui": {"theme": "dark"}}' AND (app_metadata ->> 'org_id') COLLATE "C" = '$org' AND blocked IS NOT TRUE$$),
  ('identity', 'identities.connection:acme-saml AND app_metadata.org_id:$org', $$identities @> '[{"connection": "acme-saml"}]' AND (app_metadata ->> 'org_id') COLLATE "C" = '$org'$$);

CREATE OR REPLACE FUNCTION bench.fill(template text, u bench.users, n integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  filled text := template;
  pair text[];
BEGIN
  FOREACH pair SLICE 1 IN ARRAY ARRAY[
    ['$user_id', u.user_id], ['$email8', left(u.email, 8)], ['$email', u.email], ['$company6', left(u.user_metadata ->> 'company', 9)], ['$prefix', replace(left(u.user_metadata ->> 'company', 9), ' ', '\ ')],
    ['$company', 'company' || n || '.example'], ['$infix4', lower(substr(u.family_name, 1, 4))], ['$name', u.name],
    ['$day', to_char(u.created_at, 'YYYY-MM-DD')], ['$hour', to_char(u.updated_at, 'YYYY-MM-DD"T"HH24:MI')], ['$customer', u.app_metadata #>> '{stripe,customer}'],
    ['$org', u.app_metadata ->> 'org_id'], ['$quota2', ((u.app_metadata ->> 'quota')::integer + 500)::text], ['$quota', u.app_metadata ->> 'quota'],
    ['$joined', u.user_metadata ->> 'joined'], ['$city', u.user_metadata #>> '{places,0,city}']]
  LOOP
    filled := replace(filled, pair[1], pair[2]);
  END LOOP;
  RETURN filled;
END $$;

DROP TABLE IF EXISTS bench.times;
CREATE TABLE bench.times (place integer, way text, ms double precision, matches bigint);

CREATE OR REPLACE FUNCTION bench.run(statement text, OUT ms double precision, OUT answer text) LANGUAGE plpgsql AS $$
DECLARE
  start timestamptz := clock_timestamp();
BEGIN
  EXECUTE statement INTO answer;
  ms := extract(epoch FROM clock_timestamp() - start) * 1000;
END $$;

-- All ways must agree on what they find.
CREATE OR REPLACE PROCEDURE bench.measure(rounds integer) LANGUAGE plpgsql AS $$
DECLARE
  c bench.classes;
  u bench.users;
  query text;
  hand text;
  a record; b record; p record; t record;
BEGIN
  FOR i IN 1 .. rounds LOOP
    SELECT * INTO u FROM bench.users WHERE created_at >= timestamptz '2020-01-01 00:00:00Z' + (bench.draw(i, 99, (SELECT count(*) FROM bench.users)) * interval '97 seconds') ORDER BY created_at LIMIT 1;
    FOR c IN SELECT * FROM bench.classes ORDER BY place LOOP
      query := bench.fill(c.query, u, i);
      hand := bench.fill(c.by_hand, u, i);
      a := bench.run(format('SELECT md5(string_agg(user_id, %L)) FROM (SELECT user_id FROM userdir.users u WHERE u OPERATOR(userdir.@@) %L ORDER BY created_at DESC, user_id DESC LIMIT 50) x', ',', query));
      b := bench.run(format('SELECT md5(string_agg(user_id, %L)) FROM (SELECT user_id FROM bench.users WHERE %s ORDER BY created_at DESC, user_id DESC LIMIT 50) x', ',', hand));
      p := bench.run(format('SELECT md5(string_agg(x, %L)) FROM (SELECT unnest(ids) x FROM userdir._page_of_users(%L, %L, %L, 0, 50, false, false, NULL)) y', ',', 'userdir.users', userdir._search_condition(query::userdir.userquery), 'created_at:-1'));
      t := bench.run(format('SELECT total FROM userdir._page_of_users(%L, %L, %L, 0, 50, true, false, NULL)', 'userdir.users', userdir._search_condition(query::userdir.userquery), 'created_at:-1'));
      IF a.answer IS DISTINCT FROM b.answer OR a.answer IS DISTINCT FROM p.answer THEN
        RAISE EXCEPTION 'the ways disagree on %: operator %, by hand %, page %', query, a.answer, b.answer, p.answer;
      END IF;
      -- The first rounds fill the caches.
      IF i > rounds / 10 THEN
        INSERT INTO bench.times VALUES (c.place, 'operator', a.ms, NULL), (c.place, 'by hand', b.ms, NULL), (c.place, 'page', p.ms, NULL), (c.place, 'page with total', t.ms, t.answer::bigint);
      END IF;
    END LOOP;
    COMMIT;
    -- Whatever comes first in a transaction pays for its start.
    PERFORM count(*) FROM (SELECT FROM userdir.users LIMIT 1) u, (SELECT FROM bench.users LIMIT 1) b;
  END LOOP;
END $$;
CALL bench.measure(:rounds);

\pset footer off
\echo 'milliseconds for the first 50 by created_at, newest first; planning included'
SELECT c.class, round(avg(t.matches)) AS matches,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE way = 'by hand'))::numeric, 2) AS hand_p50,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE way = 'operator'))::numeric, 2) AS operator_p50,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE way = 'operator') / percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE way = 'by hand'))::numeric, 2) AS ratio,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE way = 'page'))::numeric, 2) AS page_p50,
       round((percentile_cont(0.99) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE way = 'page'))::numeric, 2) AS page_p99,
       round((percentile_cont(0.99) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE way = 'page with total'))::numeric, 2) AS total_p99
  FROM bench.classes c JOIN bench.times t USING (place)
 GROUP BY c.place, c.class ORDER BY c.place;

SELECT c.relname AS index, pg_size_pretty(pg_relation_size(c.oid)) AS size,
       round(pg_relation_size(c.oid)::numeric / (SELECT count(*) FROM userdir.users)) AS bytes_per_user
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'userdir.users'::regclass ORDER BY pg_relation_size(c.oid) DESC;
