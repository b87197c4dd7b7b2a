-- The operator class jsonb_query_paths_ops: smaller indexes for chosen paths, which find what a scan finds
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set random_documents :abs_srcdir '/random_documents.sql'
\i :random_documents
CREATE SCHEMA scratch;
SET search_path = scratch, random_documents, userdir;
-- Forbidden scans look so expensive that they would be compiled.
SET jit = off;
SELECT opcname, amvalidate(oid) AS valid FROM pg_opclass WHERE opcnamespace = 'userdir'::regnamespace AND opcname = 'jsonb_query_paths_ops';

-- found returns the ids that a condition finds, by an index if the planner has one for it and otherwise by a scan.
CREATE FUNCTION found(relation text, condition text, indexes boolean, OUT ids integer[], OUT by_index boolean) LANGUAGE plpgsql AS $$
DECLARE
  plan text;
BEGIN
  PERFORM set_config('enable_seqscan', CASE WHEN indexes THEN 'off' ELSE 'on' END, true), set_config('enable_bitmapscan', CASE WHEN indexes THEN 'on' ELSE 'off' END, true);
  EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM %s WHERE %s', relation, condition) INTO plan;
  by_index := plan ~ 'Bitmap Index Scan';
  EXECUTE format('SELECT coalesce(array_agg(id ORDER BY id), ''{}'') FROM %s WHERE %s', relation, condition) INTO ids;
END $$;
CREATE FUNCTION shape(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || statement;
END $$;

-- Random documents and queries; several paths, some with escapes, in the tree and in the pending list, changed, deleted and vacuumed.
SELECT setseed(0.5) IS NOT NULL AS seeded;
CREATE TABLE documents (id integer, document jsonb);
INSERT INTO documents SELECT i, random_document(4) FROM generate_series(1, :ndocuments) i;
INSERT INTO documents SELECT i, NULL FROM generate_series(2001, 2010) i;
CREATE INDEX documents_paths ON documents USING gin (document jsonb_query_paths_ops (paths = 'a, b.c ,d\.e, b.a\ b,a_name_that_is_rather_long_0.a_name_that_is_rather_long_1'));
CREATE TABLE queries AS SELECT i AS id, format('document @@ %L', query_text(random_query(3))) AS condition FROM generate_series(1, :nqueries) i;
CREATE TABLE answers AS SELECT id, condition, (found('documents', condition, false)).ids FROM queries;
CREATE FUNCTION judge(low integer, high integer) RETURNS TABLE (queries bigint, some_by_index boolean, some_not boolean, wrong bigint, example text) LANGUAGE sql AS $$
  SELECT count(*), count(*) FILTER (WHERE i.by_index) > count(*) / 20, count(*) FILTER (WHERE NOT i.by_index) > count(*) / 20, count(*) FILTER (WHERE i.ids <> s.ids), min(condition) FILTER (WHERE i.ids <> s.ids)
    FROM answers a, found('documents', condition, true) i, found('documents', condition, false) s WHERE a.id BETWEEN low AND high $$;
SELECT some_by_index, some_not, wrong, example FROM judge(1, :nqueries);
INSERT INTO documents SELECT i, random_document(4) FROM generate_series(3001, 3000 + :ndocuments / 8) i;
DELETE FROM documents WHERE id % 7 = 0;
SELECT wrong AS wrong_with_pending, example FROM judge(1, :nqueries / 4);
UPDATE documents SET document = random_document(4) WHERE id % 3 = 0;
VACUUM documents;
SELECT wrong AS wrong_after_vacuum, example FROM judge(:nqueries / 2, :nqueries);
SET work_mem = '64kB';
SELECT wrong AS wrong_when_lossy, example FROM judge(1, :nqueries / 20);
RESET work_mem;
-- Values of their own, several conditions at once, and the operators that the planner makes, which answer for every query.
SELECT count(*) FILTER (WHERE (found('documents', replace(condition, '@@', '@@='), true)).ids <> (found('documents', replace(condition, '@@', '@@='), false)).ids) AS wrong_values FROM answers WHERE id <= :nqueries / 6;
SELECT count(*) FILTER (WHERE (found('documents', joined, true)).ids <> (found('documents', joined, false)).ids) AS wrong_both
  FROM (SELECT a.condition || ' AND ' || b.condition || ' AND NOT ' || c.condition AS joined FROM answers a JOIN answers b ON b.id = a.id + 1 JOIN answers c ON c.id = a.id + 2 WHERE a.id <= :nqueries / 10) c;
SELECT count(*) FILTER (WHERE (found('documents', joined, true)).ids <> (found('documents', joined, false)).ids) AS wrong_either
  FROM (SELECT a.condition || ' OR ' || b.condition AS joined FROM answers a JOIN answers b ON b.id = a.id + 1 WHERE a.id <= :nqueries / 10) c;
SELECT bool_and((found('documents', replace(condition, '@@', '@@~'), true)).by_index) AS always_by_index, count(*) FILTER (WHERE (found('documents', replace(condition, '@@', '@@~'), true)).ids <> (found('documents', condition, false)).ids) AS wrong FROM answers WHERE id <= :nqueries / 4;
-- Without the option all paths are indexed.
DROP INDEX documents_paths;
CREATE INDEX documents_all ON documents USING gin (document jsonb_query_paths_ops);
SELECT bool_and((found('documents', condition, true)).by_index) AS always_by_index, count(*) FILTER (WHERE (found('documents', condition, true)).ids <> (found('documents', condition, false)).ids) AS wrong FROM answers WHERE id <= :nqueries / 4;

-- What of a query goes to the index: all that is about its paths, and nothing that would leave rows out.
CREATE TABLE orders (id integer, doc jsonb);
INSERT INTO orders SELECT i, jsonb_build_object('plan', CASE WHEN i % 100 = 37 THEN 'gold' ELSE 'free' END, 'stripe', jsonb_build_object('customer', 'cus_' || i, 'since', '2024-01-01'::date + i % 300), 'n', i, 'tags', jsonb_build_array('t' || i % 500, jsonb_build_object('x', i)))
  FROM generate_series(1, 20000) i;
CREATE INDEX orders_paths ON orders USING gin (doc jsonb_query_paths_ops (paths = 'stripe,plan'));
CREATE INDEX orders_tags ON orders USING gin (doc jsonb_query_paths_ops (paths = 'tags'));
VACUUM ANALYZE orders;
CREATE FUNCTION asked(q text) RETURNS TABLE (conditions text) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT string_agg(regexp_replace(line, '^ *(->)? *', ''), ' / ') FROM shape(format('SELECT FROM orders WHERE doc @@ %L', q)) line WHERE line ~ 'Index Cond|Scan on';
END $$;
SELECT q, conditions FROM unnest(ARRAY['stripe.customer:cus_7', 'stripe.customer:cus_7*', 'stripe.customer:[cus_7 TO cus_8}', 'stripe.since:2024-03-04', 'plan:gold', '_exists_:stripe.refund', 'tags:t7', 'tags.x:7', 'tags:t7 AND stripe.customer:cus_7*',
  'plan:gold AND n:>100', 'plan:gold AND NOT n:>100', 'plan:gold AND NOT stripe.customer:cus_1*', 'plan:gold AND (n:5 OR stripe.customer:cus_100)', 'stripe.customer:cus_7 OR plan:gold', '(plan:gold AND n:500) OR (stripe.customer:cus_7 AND n:7)',
  'n:7', '_exists_:stripe AND n:7', 'plan:gold OR n:7', 'NOT (n:7 AND plan:free)', 'NOT n:>7', 'NOT plan:free', 'plans:gold', 'plan.x:gold', 'stripe\.customer:cus_7']) q, asked(q);
-- Where nothing of a query is about the paths, no price of a sequential scan makes the planner take the index, nor is it taken for one of all paths.
SET enable_seqscan = off;
SELECT conditions FROM asked('n:7');
SELECT conditions FROM asked('plan:gold OR n:7');
RESET enable_seqscan;
CREATE INDEX orders_all ON orders USING gin (doc jsonb_query_ops);
SELECT q, conditions FROM unnest('{n:7,stripe.customer:cus_7}'::text[]) q, asked(q);
SELECT pg_relation_size('orders_paths') < pg_relation_size('orders_all') / 2 AS paths_are_small, pg_relation_size('orders_tags') < pg_relation_size('orders_all') / 2 AS tags_are_small;
DROP INDEX orders_all;

-- How many rows are expected: by the index where it knows, otherwise by the sample that ANALYZE keeps.
CREATE FUNCTION expected(q text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM orders WHERE doc @@ %L', q) INTO plan;
  RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;
SELECT q, expected(q) BETWEEN low AND high AS right_, CASE WHEN expected(q) NOT BETWEEN low AND high THEN expected(q) END AS expected
  FROM (VALUES ('stripe.customer:cus_7', 1, 1), ('plan:gold', 200, 200), ('plan:free', 19800, 19800), ('NOT plan:free', 100, 300), ('tags:t7', 35, 45), ('tags:t7 AND plan:gold', 1, 40), ('stripe.customer:cus_1*', 8000, 14000), ('stripe.customer:cus_7 AND n:>5', 1, 1),
       ('n:>5', 15000, 20000), ('n:>5 AND plan:free', 15000, 19800), ('n:7', 1, 100), ('_exists_:n', 15000, 20000), ('NOT _exists_:n', 1, 100), ('plan:gold OR n:>5', 15000, 20000)) x (q, low, high);

-- A query that is not known when the statement is planned is evaluated on the rows.
PREPARE by_parameter(userquery) AS SELECT count(*) FROM orders WHERE doc @@ $1;
EXECUTE by_parameter('stripe.customer:cus_7');
SELECT shape($$EXECUTE by_parameter('stripe.customer:cus_7')$$);
SET plan_cache_mode = force_generic_plan;
EXECUTE by_parameter('stripe.customer:cus_7');
SELECT shape($$EXECUTE by_parameter('stripe.customer:cus_7')$$);
RESET plan_cache_mode;
SELECT count(*) FROM (VALUES ('stripe.customer:cus_7'::userquery), ('n:7')) q (q) JOIN orders ON doc @@ q;
SELECT count(*) FROM orders WHERE doc @@ NULL::userquery;
SELECT count(*) FROM orders WHERE doc @@ '*:*';
SELECT count(*) FROM orders WHERE doc @@ '*:* AND NOT *:*';
SELECT pg_temp.try($$SELECT count(*) FROM orders WHERE doc @@ 'bare'$$);
-- Rows of queries, views, several columns in one index, expressions, partitions, partial indexes.
SELECT shape($$SELECT FROM orders o WHERE o @@ 'doc.stripe.customer:cus_7 AND doc.n:7 AND id:7'$$);
CREATE TABLE parts (id integer, doc jsonb) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10000);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10000) TO (MAXVALUE);
INSERT INTO parts SELECT * FROM orders;
CREATE INDEX parts_paths ON parts USING gin (doc jsonb_query_paths_ops (paths = 'stripe.customer'), (doc -> 'tags') jsonb_query_paths_ops (paths = 'x'));
ANALYZE parts;
SELECT shape($$SELECT FROM parts WHERE doc @@ 'stripe.customer:cus_7 AND n:7'$$);
SELECT count(*) FROM parts WHERE doc @@ 'stripe.customer:cus_7 AND n:7';
SELECT shape($$SELECT FROM parts WHERE id < 10000 AND doc -> 'tags' @@ 'x:7 AND y:7'$$);
SELECT count(*) FROM parts WHERE id < 10000 AND doc -> 'tags' @@ 'x:7';
CREATE INDEX orders_partial ON orders USING gin (doc jsonb_query_paths_ops (paths = 'n')) WHERE id > 19000;
SELECT shape($$SELECT FROM orders WHERE id > 19000 AND doc @@ 'n:19007'$$);
SELECT conditions FROM asked('n:19007');

-- The option.
SELECT pg_get_indexdef('orders_paths'::regclass) AS definition;
SELECT paths, pg_temp.try(format('CREATE INDEX ON scratch.orders USING gin (doc userdir.jsonb_query_paths_ops (paths = %L))', paths)) AS result
  FROM unnest(ARRAY['plan', ' plan , stripe.customer ', 'a\.b,c\,d,\ ', 'ä.ö', '', ',', 'plan,', '.a', 'a..b', 'a.', 'a, ,b', 'a\', ' ']) paths;
SELECT pg_temp.try(format('CREATE INDEX ON scratch.orders USING gin (doc userdir.jsonb_query_paths_ops (paths = %L))', repeat('p', length))) AS result FROM unnest('{1500,1501}'::integer[]) length;
SELECT pg_temp.try($$CREATE INDEX ON scratch.orders USING gin (doc userdir.jsonb_query_paths_ops (path = 'plan'))$$);
SELECT replace(pg_temp.try($$CREATE INDEX ON scratch.orders USING gin (doc userdir.jsonb_query_ops (paths = 'plan'))$$), ' userdir.', ' ') AS other_class;
-- Names that only begin alike are not of a path.
CREATE TABLE names (id integer, doc jsonb);
INSERT INTO names VALUES (1, '{"plan": "x", "planet": "x", "pla": "x", "a": {"plan": "x"}}'), (2, '{"planet": "x"}'), (3, '{"plan": {"x": [{"y": "x"}]}}'), (4, '[{"plan": "x"}, {"planet": "x"}]'), (5, '"plan"'), (6, '{}');
CREATE INDEX names_paths ON names USING gin (doc jsonb_query_paths_ops (paths = 'plan'));
SELECT q, i.by_index, i.ids, i.ids = s.ids AS right_
  FROM unnest('{plan:x,planet:x,pla:x,a.plan:x,plan.x.y:x,plan.x:x,_exists_:plan,_exists_:plan.x,NOT plan:x,NOT _exists_:plan}'::text[]) q, LATERAL (SELECT format('doc @@ %L', q) AS condition) c, found('names', condition, true) i, found('names', condition, false) s;
SET client_min_messages = warning;
DROP SCHEMA random_documents, scratch CASCADE;
