-- Measures the operator class jsonb_query_ops against the server's own classes for JSON documents.
--
-- usage: psql -v count=100000 -v rounds=40 -f test/bench/jsonb_search.sql   in a database of its own
--        tools/cluster run psql -v count=100000 -v rounds=40 -f test/bench/jsonb_search.sql postgres
--
-- Prints size, build and insert cost of the indexes, then for each class of query the rows, what the
-- planner expected, what planning costs, and the time of all rows and of the first page, beside the
-- same in SQL with jsonb_path_ops. Each statement is planned anew, with other constants each time.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS userdir;
DROP SCHEMA IF EXISTS bench_jsonb CASCADE;
CREATE SCHEMA bench_jsonb;
SET search_path = bench_jsonb, userdir;
SET max_parallel_workers_per_gather = 0;
SET max_parallel_maintenance_workers = 0;
SET maintenance_work_mem = '512MB';

-- About 30 keys a row in two documents; 50 rows an organization, whatever the count.
SELECT setseed(0.5) IS NOT NULL AS seeded \gset
CREATE TABLE documents (id integer PRIMARY KEY, created_at timestamptz NOT NULL, app jsonb NOT NULL, profile jsonb NOT NULL);
INSERT INTO documents
SELECT i, timestamptz '2024-01-01 00:00+00' + i * interval '20 seconds',
       jsonb_build_object('plan', CASE WHEN r1 < 0.3 THEN 'gold' WHEN r1 < 0.9 THEN 'free' ELSE 'pro' END, 'org_id', 'org_' || left(md5((i % greatest(:count / 50, 1))::text), 12),
                          'role', CASE WHEN r2 < 0.02 THEN 'admin' ELSE 'user' END, 'quota', (r3 * 1000000)::integer, 'score', round((r4 * 100)::numeric, 2),
                          'billing', jsonb_build_object('customer', 'cus_' || left(md5(i::text), 14), 'since', to_char(timestamp '2020-01-01' + r5 * 1500 * interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
       || CASE WHEN r6 < 0.01 THEN '{"beta": true}' ELSE '{}'::jsonb END,
       jsonb_build_object('lang', CASE WHEN r7 < 0.05 THEN 'pl' WHEN r7 < 0.5 THEN 'en' ELSE 'de' END,
                          'company', (ARRAY['Acme', 'Globex', 'Initech', 'Umbrella', 'Hooli', 'Stark', 'Wayne', 'Wonka'])[1 + (r8 * 8)::integer % 8] || ' ' || left(md5((i * 7 % greatest(:count / 20, 1))::text), 6) || ' Ltd',
                          'tags', jsonb_build_array('t' || (r4 * 200)::integer, 't' || (r5 * 200)::integer, 't' || (r6 * 200)::integer),
                          'places', jsonb_build_array(jsonb_build_object('city', 'City' || (r1 * r8 * 1000)::integer, 'zip', (r2 * 99999)::integer), jsonb_build_object('city', 'City' || (r7 * 1000)::integer)))
       || CASE WHEN r8 < 0.002 THEN jsonb_build_object('vat', 'PL' || i) ELSE '{}'::jsonb END
  FROM (SELECT i, random() r1, random() r2, random() r3, random() r4, random() r5, random() r6, random() r7, random() r8 FROM generate_series(1, :count) i) s;
CREATE INDEX ON documents (created_at, id);
VACUUM ANALYZE documents;

-- Size, build, and what an index adds to single-row inserts (microseconds a row, pending list included).
CREATE FUNCTION insert_cost(rows integer) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
  start timestamptz;
  d bench_jsonb.documents;
  cost numeric;
BEGIN
  CREATE TEMP TABLE sample AS SELECT * FROM bench_jsonb.documents LIMIT rows;
  start := clock_timestamp();
  FOR d IN SELECT * FROM sample LOOP
    INSERT INTO bench_jsonb.documents VALUES (d.id + 1000000000, d.created_at, d.app, d.profile);
  END LOOP;
  cost := extract(epoch FROM clock_timestamp() - start) * 1000000 / rows;
  DELETE FROM bench_jsonb.documents WHERE id >= 1000000000;
  DROP TABLE sample;
  RETURN round(cost);
END $$;
CREATE TABLE costs (class text, mb numeric, build_s numeric, insert_us numeric);
CREATE PROCEDURE measure_class(class text) LANGUAGE plpgsql AS $$
DECLARE
  start timestamptz := clock_timestamp();
BEGIN
  EXECUTE format('CREATE INDEX measured ON bench_jsonb.documents USING gin (app %1$s, profile %1$s) WITH (gin_pending_list_limit = 256)', class);
  INSERT INTO costs VALUES (class, round(pg_relation_size('measured') / 1048576.0, 1), round(extract(epoch FROM clock_timestamp() - start), 1));
  UPDATE costs SET insert_us = insert_cost(3000) WHERE costs.class = measure_class.class;
  DROP INDEX measured;
END $$;
SELECT insert_cost(3000) AS warm \gset
INSERT INTO costs SELECT 'none', NULL, NULL, insert_cost(3000);
CALL measure_class('jsonb_path_ops');
CALL measure_class('jsonb_ops');
CALL measure_class('jsonb_query_ops');
\echo Size, build and insert cost
SELECT * FROM costs;

CREATE INDEX documents_query ON documents USING gin (app jsonb_query_ops, profile jsonb_query_ops) WITH (gin_pending_list_limit = 256);
CREATE INDEX documents_path ON documents USING gin (app jsonb_path_ops, profile jsonb_path_ops) WITH (gin_pending_list_limit = 256);
VACUUM ANALYZE documents;

-- One class a row: our condition, and the SQL that says the same, if there is one that path_ops serves.
CREATE TABLE classes (place integer GENERATED ALWAYS AS IDENTITY, class text, ours text, by_hand text);
INSERT INTO classes (class, ours, by_hand) VALUES
  ('equality, 1 row', $$app @@ 'billing.customer:$customer'$$, $$app @> '{"billing": {"customer": "$customer"}}'$$),
  ('equality, 50 rows', $$app @@ 'org_id:$org'$$, $$app @> '{"org_id": "$org"}'$$),
  ('equality in nested arrays', $$profile @@ 'places.city:"$city"'$$, $$profile @> '{"places": [{"city": "$city"}]}'$$),
  ('equality, 1 %', $$app @@ 'beta:true'$$, $$app @> '{"beta": true}'$$),
  ('equality, 5 %', $$profile @@ 'lang:pl'$$, $$profile @> '{"lang": "pl"}'$$),
  ('equality, 30 %', $$app @@ 'plan:gold'$$, $$app @> '{"plan": "gold"}'$$),
  ('exists, 0.2 %', $$profile @@ '_exists_:vat'$$, $$profile ? 'vat'$$),
  ('prefix', $$profile @@ 'company:$prefix*'$$, $$profile @? '$.company ? (@ starts with "$hand_prefix")'$$),
  ('infix, rare', $$app @@ 'billing.customer:*$infix*'$$, $$app #>> '{billing,customer}' LIKE '%$infix%'$$),
  ('range, 0.05 %', $$app @@ 'quota:[$quota TO $quota2]'$$, $$app @? '$.quota ? (@ >= $quota && @ <= $quota2)'$$),
  ('range, 1 %', $$app @@ 'score:[$score TO $score2]'$$, $$app @? '$.score ? (@ >= $score && @ <= $score2)'$$),
  ('month of dates', $$app @@ 'billing.since:2021-03'$$, $$app @? '$.billing.since ? (@ starts with "2021-03")'$$),
  ('AND of two broad', $$app @@ 'role:admin AND plan:gold'$$, $$app @> '{"role": "admin", "plan": "gold"}'$$),
  ('broad beside selective', $$app @@ 'org_id:$org AND plan:gold'$$, $$app @> '{"org_id": "$org", "plan": "gold"}'$$),
  ('broad range beside selective', $$app @@ 'org_id:$org AND quota:>300000'$$, $$app @> '{"org_id": "$org"}' AND app @? '$.quota ? (@ > 300000)'$$),
  ('NOT beside selective', $$app @@ 'org_id:$org AND NOT plan:free'$$, $$app @> '{"org_id": "$org"}' AND NOT app @> '{"plan": "free"}'$$),
  ('OR of 60 values', $$app @@ 'billing.customer:($customers)'$$, $$app @> ANY (ARRAY[$hand_customers]::jsonb[])$$),
  ('five conditions, two documents', $$app @@ 'org_id:$org AND plan:gold AND NOT role:admin' AND profile @@ 'lang:(en OR de) AND _exists_:company'$$,
   $$app @> '{"org_id": "$org", "plan": "gold"}' AND NOT app @> '{"role": "admin"}' AND (profile @> '{"lang": "en"}' OR profile @> '{"lang": "de"}') AND profile ? 'company'$$),
  ('negation, 99 %', $$app @@ 'NOT beta:true'$$, $$NOT app @> '{"beta": true}'$$);

CREATE FUNCTION fill(template text, d documents, n integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  pair text[];
BEGIN
  FOREACH pair SLICE 1 IN ARRAY ARRAY[
    ['$customers', (SELECT string_agg('cus_' || left(md5((d.id + 997 * i)::text), 14), ' OR ') FROM generate_series(1, 60) i)],
    ['$hand_customers', (SELECT string_agg(format('''{"billing": {"customer": "cus_%s"}}''', left(md5((d.id + 997 * i)::text), 14)), ', ') FROM generate_series(1, 60) i)],
    ['$customer', d.app #>> '{billing,customer}'], ['$org', d.app ->> 'org_id'], ['$city', d.profile #>> '{places,0,city}'], ['$hand_prefix', left(d.profile ->> 'company', 8)],
    ['$prefix', replace(left(d.profile ->> 'company', 8), ' ', '\ ')], ['$infix', substr(d.app #>> '{billing,customer}', 8, 5)],
    ['$quota2', ((d.app ->> 'quota')::integer + 500)::text], ['$quota', d.app ->> 'quota'], ['$score2', ((d.app ->> 'score')::numeric + 1)::text], ['$score', d.app ->> 'score']]
  LOOP
    template := replace(template, pair[1], pair[2]);
  END LOOP;
  RETURN template;
END $$;

CREATE TABLE times (place integer, what text, ms double precision, rows double precision, expected double precision);
-- elapsed returns the milliseconds since start.
CREATE FUNCTION elapsed(start timestamptz) RETURNS double precision LANGUAGE sql VOLATILE AS
$$ SELECT extract(epoch FROM clock_timestamp() - start)::double precision * 1000 $$;
-- measure keeps what planning a condition takes, and all its rows, and its first page.
CREATE PROCEDURE measure(place integer, who text, condition text) LANGUAGE plpgsql AS $$
DECLARE
  start timestamptz := clock_timestamp();
  plan json;
  rows bigint;
BEGIN
  EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM documents WHERE %s', condition) INTO plan;
  INSERT INTO times VALUES (place, 'planning ' || who, elapsed(start));
  start := clock_timestamp();
  EXECUTE format('SELECT count(*) FROM documents WHERE %s', condition) INTO rows;
  INSERT INTO times VALUES (place, 'all ' || who, elapsed(start), rows, (plan -> 0 -> 'Plan' ->> 'Plan Rows')::double precision);
  start := clock_timestamp();
  EXECUTE format('SELECT count(*) FROM (SELECT * FROM documents WHERE %s ORDER BY created_at DESC, id DESC LIMIT 50) p', condition) INTO rows;
  INSERT INTO times VALUES (place, 'page ' || who, elapsed(start));
END $$;
CREATE PROCEDURE run(rounds integer) LANGUAGE plpgsql AS $$
DECLARE
  c classes;
  d documents;
BEGIN
  FOR n IN 1 .. rounds LOOP
    FOR c IN SELECT * FROM classes ORDER BY place LOOP
      SELECT * INTO d FROM documents WHERE id = 1 + (n * 7919 + c.place * 104729) % (SELECT max(id) FROM documents);
      CALL measure(c.place, 'ours', fill(c.ours, d, n));
      CALL measure(c.place, 'by hand', fill(c.by_hand, d, n));
    END LOOP;
  END LOOP;
END $$;
CALL run(2);
TRUNCATE times;
CALL run(:rounds);

\echo Milliseconds, middle and 99th percentile: all rows and the first page of 50 by created_at, planning included; planning alone
WITH figures AS (
  SELECT place, what, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS middle, percentile_cont(0.99) WITHIN GROUP (ORDER BY ms) AS worst, avg(rows) AS rows,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY greatest(expected, 1) / greatest(rows, 1)) AS factor
    FROM times GROUP BY place, what)
SELECT class, round(max(f.rows) FILTER (WHERE what = 'all ours')) AS rows, round(max(factor) FILTER (WHERE what = 'all ours')::numeric, 2) AS estimate,
       max(format('%s / %s', round(middle::numeric, 2), round(worst::numeric, 2))) FILTER (WHERE what = 'all ours') AS all_ours,
       max(format('%s / %s', round(middle::numeric, 2), round(worst::numeric, 2))) FILTER (WHERE what = 'all by hand') AS all_by_hand,
       max(format('%s / %s', round(middle::numeric, 2), round(worst::numeric, 2))) FILTER (WHERE what = 'page ours') AS page_ours,
       max(format('%s / %s', round(middle::numeric, 2), round(worst::numeric, 2))) FILTER (WHERE what = 'page by hand') AS page_by_hand,
       round(max(middle) FILTER (WHERE what = 'planning ours')::numeric, 2) AS planning, round(max(middle) FILTER (WHERE what = 'planning by hand')::numeric, 2) AS planning_by_hand
  FROM classes JOIN figures f USING (place) GROUP BY place, class ORDER BY place;

\echo Rows by both ways, which have to be the same
SELECT sum(rows) FILTER (WHERE what = 'all ours') AS ours, sum(rows) FILTER (WHERE what = 'all by hand') AS by_hand FROM times;
