-- document @@ query: what the planner expects and does
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
CREATE SCHEMA scratch;
SET search_path = scratch, userdir;
SET max_parallel_workers_per_gather = 0;

-- Values of known frequency, independent of each other: the remainders of i by numbers without a common
-- divisor. n: every value once; half: two values; pct, permille: so many; s: strings, each 20 times; t: values in an array.
CREATE TABLE products (id integer PRIMARY KEY, document jsonb, padding text);
INSERT INTO products
SELECT i, jsonb_build_object('n', (i::bigint * 7919) % 40009, 'half', i % 2 = 0, 'pct', i % 101, 'permille', i % 997, 's', 's' || lpad((i % 1999)::text, 4, '0'),
                          'd', date '2020-01-01' + (i::bigint * 377 % 1009)::integer, 't', jsonb_build_array('t' || i % 11, 't' || i % 53, jsonb_build_array(i % 3)))
          || CASE WHEN i % 2003 = 0 THEN '{"rare": 1}' ELSE '{}'::jsonb END, repeat('x', 200)
  FROM generate_series(1, 40000) i;
CREATE INDEX products_document ON products USING gin (document jsonb_query_ops);
VACUUM ANALYZE products;

CREATE FUNCTION expected(condition text, relation text DEFAULT 'products') RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM %s WHERE %s', relation, condition) INTO plan;
  RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;
CREATE FUNCTION actual(condition text, relation text DEFAULT 'products') RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
  result bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %s WHERE %s', relation, condition) INTO result;
  RETURN result;
END $$;

-- Estimates from the index: within a factor of two, from few rows to nearly all.
CREATE TABLE conditions (query text);
INSERT INTO conditions VALUES
  ('n:77'), ('s:s0077'), ('s:(s0001 OR s0002 OR s0003)'), ('permille:7'), ('permille:(1 2 3 4 5)'), ('pct:7'), ('pct:(1 2 3 4 5)'), ('half:true'), ('t:t7'), ('t:0'), ('t:(t7 OR 0)'), ('n:"77"'),
  ('rare:1'), ('_exists_:rare'), ('_exists_:n'), ('NOT _exists_:rare'), ('_exists_:nothing'), ('*:*'), ('NOT *:*'),
  ('n:[100 TO 120}'), ('n:[100 TO 500}'), ('n:<2000'), ('n:[10000 TO 22000}'), ('n:>=0'), ('n:<0'), ('permille:<2'), ('permille:>=500'), ('permille:[100 TO 150}'), ('pct:[5 TO 9]'), ('pct:>10'),
  ('s:s0077*'), ('s:s007*'), ('s:s00*'), ('s:s0*'), ('s:s*'), ('s:x*'), ('s:[s0100 TO s0200}'), ('s:>s1500'), ('s:*7'), ('s:*07*'), ('s:s?5??'), ('t:t1*'), ('t:t?'),
  ('d:2020-05'), ('d:2020-05-05'), ('d:[2020-03-01 TO 2020-12-31]'), ('d:>2022-09-20'), ('d:(2020-01 OR 2021-01)'),
  ('half:true AND pct:7'), ('pct:[0 TO 19] AND permille:<300'), ('half:true AND pct:<50 AND t:0'), ('half:true OR pct:7'), ('pct:7 OR permille:9 OR s:s0001'), ('n:>20000 AND n:<20100 AND n:>20050 AND half:false'), ('half:true AND NOT pct:<90'), ('NOT pct:7'), ('NOT (half:true AND pct:<50)'),
  ('n:>10000 AND n:<10500'), ('n:>=100 AND n:<140 AND half:true'), ('d:>=2020-02 AND d:<2020-04'), ('n:>30000 AND n:<20000'), ('_exists_:rare AND half:true'), ('rare:1 OR n:<100');
SELECT count(*) AS conditions, count(*) FILTER (WHERE actual BETWEEN 1 AND 40) AS up_to_a_permille, count(*) FILTER (WHERE actual BETWEEN 41 AND 400) AS up_to_a_percent,
       count(*) FILTER (WHERE actual BETWEEN 401 AND 4000) AS up_to_ten, count(*) FILTER (WHERE actual > 4000) AS more,
       count(*) FILTER (WHERE greatest(expected, 1) NOT BETWEEN greatest(actual, 1) / 2 AND greatest(actual, 1) * 2 AND abs(expected - actual) > 5) AS wrong
  FROM (SELECT expected(format('document @@ %L', query)), actual(format('document @@ %L', query)) FROM conditions) e;
SELECT query, expected, actual FROM (SELECT query, expected(format('document @@ %L', query)), actual(format('document @@ %L', query)) FROM conditions) e
 WHERE greatest(expected, 1) NOT BETWEEN greatest(actual, 1) / 2 AND greatest(actual, 1) * 2 AND abs(expected - actual) > 5;
-- At five steps, the same for each form.
SELECT step, query, round((expected / actual)::numeric, 1) BETWEEN 0.5 AND 2 AS right_
  FROM (SELECT step, query, expected(format('document @@ %L', query)), actual(format('document @@ %L', query))
          FROM (VALUES ('0.05 %', 's:s0077'), ('0.05 %', '_exists_:rare'), ('0.05 %', 'n:[200 TO 220}'), ('0.2 %', 'permille:(1 2)'), ('0.2 %', 'n:[200 TO 280}'), ('0.2 %', 's:(s0001 s0002 s0003 s0004)'),
                       ('1 %', 'pct:50'), ('1 %', 's:s000*'), ('1 %', 'n:>=39600'), ('5 %', 'pct:<5'), ('5 %', 'permille:[950 TO 999]'), ('5 %', 's:s01*'), ('30 %', 'pct:<30'), ('30 %', 'n:<12000'), ('30 %', 'd:<2020-10-27')) s (step, query)) e;
-- Calls of the function by name, the operator for values, and documents that are null.
SELECT expected($$jsonb_matches(document, 'pct:7')$$) BETWEEN 200 AND 800 AS of_function, expected($$NOT document @@ 'pct:7'$$) BETWEEN 39000 AND 40000 AS negated;
CREATE TABLE tagged (id integer, tags jsonb);
INSERT INTO tagged SELECT i, CASE WHEN i % 4 > 0 THEN jsonb_build_array('a' || i % 100, i % 10) END FROM generate_series(1, 20000) i;
CREATE INDEX ON tagged USING gin (tags jsonb_query_ops);
VACUUM ANALYZE tagged;
SELECT condition, expected(condition, 'tagged') BETWEEN actual(condition, 'tagged') / 2 AND actual(condition, 'tagged') * 2 AS right_
  FROM unnest(ARRAY[$$tags @@= 'a7'$$, $$tags @@= '7'$$, $$tags @@= 'a7*'$$, $$tags @@= 'NOT a7'$$, $$tags @@ 'NOT x:1'$$, $$tags @@ ''$$]) condition;
-- New rows that wait in the pending list count for as long as there are not too many.
INSERT INTO products SELECT 40000 + i, '{"new": 1}', '' FROM generate_series(1, 100) i;
SELECT expected($$document @@ 'pct:7'$$) BETWEEN 200 AND 800 AS with_some_pending;
CREATE TABLE young (document jsonb);
CREATE INDEX ON young USING gin (document jsonb_query_ops);
INSERT INTO young SELECT jsonb_build_object('a', i % 4) FROM generate_series(1, 2000) i;
ANALYZE young;
SELECT expected($$document @@ 'a:1'$$, 'young') BETWEEN 250 AND 1000 AS with_all_pending;

-- Without an index, from the documents that ANALYZE has kept, or by the kind of the condition.
CREATE TABLE unindexed AS SELECT id, document FROM products WHERE id <= 20000;
SELECT expected($$document @@ 'half:true'$$, 'unindexed') < expected($$document @@ '_exists_:half'$$, 'unindexed') AS by_kind;
ANALYZE unindexed;
SELECT query, expected BETWEEN actual / 2 AND actual * 2 AS right_
  FROM (SELECT query, expected(format('document @@ %L', query), 'unindexed'), actual(format('document @@ %L', query), 'unindexed')
          FROM unnest(ARRAY['half:true', 'pct:<30', 'pct:<60 AND half:true', 'NOT pct:<30', '_exists_:n', 's:s0*']) query) e;
SELECT expected($$document -> 'n' @@= '7'$$) < 2000 AS of_expression;

-- The planner never fails on a query, and looks at no index while it must not.
SELECT pg_temp.try($$EXPLAIN SELECT FROM scratch.unindexed WHERE document OPERATOR(userdir.@@) 'nofield'$$) AS bare, pg_temp.try($$EXPLAIN SELECT FROM scratch.products WHERE document OPERATOR(userdir.@@) NULL$$) AS null_query,
       pg_temp.try($$EXPLAIN SELECT FROM scratch.products WHERE document OPERATOR(userdir.@@) padding::userdir.userquery$$) AS of_column;
CREATE ROLE test_planner;
SELECT grant_to('test_planner', 'reader');
GRANT USAGE ON SCHEMA scratch TO test_planner;
GRANT SELECT (id, document) ON products TO test_planner;
GRANT EXECUTE ON FUNCTION expected TO test_planner;
CREATE VIEW seen AS SELECT id, document FROM products;
GRANT SELECT ON seen TO test_planner;
SET ROLE test_planner;
SELECT expected($$document @@ 'permille:<500'$$) BETWEEN 10000 AND 40000 AS with_privilege, expected($$document @@ 'permille:<500'$$, 'seen') BETWEEN 10000 AND 40000 AS through_view;
RESET ROLE;
REVOKE SELECT (document) ON products FROM test_planner;
SET ROLE test_planner;
SELECT expected($$document @@ 'half:true'$$, 'seen') > 10000 AS through_view;
RESET ROLE;
GRANT SELECT ON products TO test_planner;
ALTER TABLE products ENABLE ROW LEVEL SECURITY;
-- Under a policy a plan tells nothing: two different queries look alike.
CREATE POLICY every_tenth ON products USING (id % 10 = 0);
SET ROLE test_planner;
SELECT expected($$document @@ 'half:true'$$) = expected($$document @@ 'half:nothing'$$) AS under_policy;
SELECT count(*) AS rows FROM products WHERE document @@ 'pct:7';
RESET ROLE;
ALTER TABLE products DISABLE ROW LEVEL SECURITY;
DROP POLICY every_tenth ON products;

-- A few rows come from the index, many from the table, and a sorted page by what is expected.
CREATE INDEX ON products (id DESC) INCLUDE (padding);
VACUUM ANALYZE products;
CREATE FUNCTION plan(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || statement LOOP
    RETURN NEXT line;
  END LOOP;
END $$;
SELECT step, max(substring(line, 'Bitmap Index Scan|Seq Scan')) AS all_rows, max(CASE WHEN page ~ 'Bitmap Index Scan' THEN 'bitmap, sort' WHEN page ~ 'Index Scan' THEN 'walk' ELSE page END) AS first_page
  FROM (VALUES ('0.05 %', 's:s0077'), ('0.2 %', 'permille:(1 2)'), ('1 %', 'pct:50'), ('5 %', 'pct:<5'), ('30 %', 'pct:<30'), ('99.9 %', 'NOT _exists_:rare')) s (step, query),
       LATERAL plan(format('SELECT * FROM products WHERE document @@ %L', query)) line,
       LATERAL (SELECT string_agg(p, ' ') AS page FROM plan(format('SELECT * FROM products WHERE document @@ %L ORDER BY id DESC LIMIT 50', query)) p) p
 GROUP BY step ORDER BY replace(step, ' %', '')::numeric;

-- An AND of a selective condition and a broad one: the index finds by the first, the second is a filter.
SELECT line FROM plan($$SELECT * FROM products WHERE document @@ 's:s0077 AND n:>1000'$$) line;
SELECT line FROM plan($$SELECT * FROM products WHERE document @@ 'n:>1000 AND d:>2020-02 AND NOT t:0 AND s:s0077'$$) line;
SELECT line FROM plan($$SELECT * FROM products WHERE document @@ 's:s0077 AND (n:>1000 OR n:7)'$$) line;
-- It stays whole where the index does better, and where nothing can be found by a part.
SELECT line FROM plan($$SELECT * FROM products WHERE document @@ 'pct:7 AND permille:7'$$) line;
SELECT line FROM plan($$SELECT * FROM products WHERE document @@ 'pct:7 AND NOT t:0'$$) line;
SELECT line FROM plan($$SELECT * FROM products WHERE document @@ 'half:true AND n:[100 TO 900]'$$) line;
SELECT line FROM plan($$SELECT * FROM products WHERE document @@ 'NOT half:true AND NOT n:>1000'$$) line;
SELECT line FROM plan($$SELECT * FROM products WHERE document @@ 's:s0077 OR n:<10'$$) line;
-- The result is the same, whole or in parts.
CREATE FUNCTION ids(condition text) RETURNS integer[] LANGUAGE plpgsql AS $$
DECLARE
  result integer[];
BEGIN
  EXECUTE format('SELECT coalesce(array_agg(id ORDER BY id), ''{}'') FROM products WHERE %s', condition) INTO result;
  RETURN result;
END $$;
SELECT count(*) AS queries, count(*) FILTER (WHERE plan ~ 'Filter: jsonb_matches') > 20 AS enough_in_parts, count(*) FILTER (WHERE cardinality(found) > 0) > 50 AS enough_found, count(*) FILTER (WHERE found <> scanned) AS wrong
  FROM (SELECT (SELECT string_agg(line, ' ') FROM plan(format('SELECT * FROM products WHERE document @@ %L', q)) line) AS plan, ids(format('document @@ %L', q)) AS found, ids(format('(document @@ %L) IS TRUE', q)) AS scanned
          FROM (SELECT a || ' AND ' || b || ' AND ' || c AS q
                  FROM unnest(ARRAY['s:s0077', 'n:[100 TO 130]', 's:s007*', 'pct:7']) a, unnest(ARRAY['n:>1000', 'half:true', '(d:>2020-02 OR n:7)', 'NOT n:>20000', 't:t1*']) b, unnest(ARRAY['permille:>100', 'NOT half:true', '_exists_:n', '(half:true OR NOT t:0)']) c) q) r;
-- Partial indexes whose predicate is the query serve it whole.
CREATE INDEX products_partial ON products (id) WHERE document @@ 's:s0077 AND n:>1000';
SELECT line FROM plan($$SELECT id FROM products WHERE document @@ 's:s0077 AND n:>1000'$$) line;
DROP INDEX products_partial;
-- Each partition for itself.
CREATE TABLE parted (id integer, document jsonb) PARTITION BY HASH (id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT id, document FROM products;
CREATE INDEX ON parted USING gin (document jsonb_query_ops);
VACUUM ANALYZE parted;
SELECT line FROM plan($$SELECT * FROM parted WHERE document @@ 's:s0077 AND n:>1000'$$) line;
SELECT expected($$document @@ 'pct:7'$$, 'parted') BETWEEN 200 AND 800 AS of_parts;

-- Joins, subqueries, UPDATE, DELETE and prepared statements.
SET enable_seqscan = off;
SELECT line FROM plan($$SELECT * FROM products p JOIN tagged g ON g.id = p.id WHERE p.document @@ 's:s0077 AND half:true' AND g.tags @@= 'a7'$$) line WHERE line ~ 'Cond|Filter|Scan';
SELECT line FROM plan($$UPDATE products SET padding = '' WHERE document @@ 's:s0077'$$) line WHERE line ~ 'Cond|Scan';
SELECT line FROM plan($$DELETE FROM products WHERE document @@ 's:s0077' AND document @@ 't:t7'$$) line WHERE line ~ 'Cond|Scan';
SELECT line FROM plan($$SELECT * FROM products WHERE document @@ 's:s0077' OR document @@ 'n:7'$$) line WHERE line ~ 'Cond|Scan';
PREPARE by_query (userquery) AS SELECT count(*) FROM products WHERE document @@ $1;
SET plan_cache_mode = force_custom_plan;
EXPLAIN (COSTS OFF) EXECUTE by_query ('s:s0077');
EXECUTE by_query ('s:s0077');
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE by_query ('s:s0077');
EXECUTE by_query ('s:s0077');
EXECUTE by_query ('pct:7 AND half:true');
RESET plan_cache_mode;
-- The query may come from a table.
CREATE TABLE segments (name text, query userquery);
INSERT INTO segments VALUES ('few', 's:s0077'), ('none', 'n:>99999'), ('some', 'pct:7 AND half:true');
SELECT ltrim(line) AS line FROM plan($$SELECT s.name, count(*) FROM segments s JOIN products p ON p.document @@ s.query GROUP BY s.name$$) line WHERE line ~ 'Cond|Scan';
SELECT s.name, count(*) FROM segments s JOIN products p ON p.document @@ s.query GROUP BY s.name ORDER BY s.name;
RESET enable_seqscan;

SELECT revoke_from('test_planner', 'reader');
SET client_min_messages = warning;
DROP SCHEMA scratch CASCADE;
DROP ROLE test_planner;
