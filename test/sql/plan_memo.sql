-- What is found out while a statement is planned is true for this statement, and forgotten with it.
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
CREATE SCHEMA scratch;
SET search_path = scratch, userdir;
SET max_parallel_workers_per_gather = 0;

CREATE TABLE things (id integer PRIMARY KEY, document jsonb, other jsonb, user_id text);
INSERT INTO things
SELECT i, jsonb_build_object('half', i % 2 = 0, 'pct', i % 100, 'n', i, 's', 's' || i % 500, 'd', date '2020-01-01' + i % 1000),
       jsonb_build_object('half', i % 10 = 0, 'pct', i % 5), 'u' || i
  FROM generate_series(1, 10000) i;
CREATE INDEX things_document ON things USING gin (document jsonb_query_ops);
CREATE INDEX things_other ON things USING gin (other jsonb_query_ops);
VACUUM ANALYZE things;

CREATE FUNCTION expected(statement text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO plan;
  RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;
CREATE FUNCTION is_near(expected double precision, rows double precision) RETURNS boolean LANGUAGE sql AS $$ SELECT expected BETWEEN rows / 2 AND rows * 2 $$;

-- The same words on two columns and in two tables are different conditions.
CREATE TABLE few AS SELECT id, document FROM things WHERE id % 100 = 7;
CREATE INDEX ON few USING gin (document jsonb_query_ops);
VACUUM ANALYZE few;
SELECT is_near(expected($$SELECT FROM things WHERE document @@ 'half:true'$$), 5000) AS of_one, is_near(expected($$SELECT FROM things WHERE other @@ 'half:true'$$), 1000) AS of_other,
       is_near(expected($$SELECT FROM things t WHERE t @@ 'document.half:true AND other.half:true'$$), 500) AS of_both,
       is_near(expected($$SELECT FROM things WHERE other @@ 'pct:2' UNION ALL SELECT FROM things WHERE document @@ 'pct:2' UNION ALL SELECT FROM few WHERE document @@ 'pct:7'$$), 2200) AS of_all;

-- So are ranges, dates, patterns and texts that begin alike, and bounds that belong to a range or do not.
SELECT query, is_near(expected(format('SELECT FROM things WHERE document @@ %L', query)), rows) AS near
  FROM (VALUES ('(n:[1 TO 1000] AND s:s7) OR n:[1 TO 4000]', 4000), ('n:>2 AND (n:<100 OR pct:1)', 200), ('(s:s1* AND half:true) OR s:s12*', 1110), ('d:[2020-01 TO 2020-02] OR d:[2020-01 TO 2021-01]', 3970),
               ('s:[s1 TO s11} OR s:[s1 TO s4}', 6660), ('(s:s?? AND half:true) OR s:s???', 8900), ('n:[* TO 100] OR n:[9000 TO *]', 1100)) q (query, rows);

-- More queries, columns and values than a memo keeps.
SELECT is_near(expected('SELECT FROM things WHERE ' || string_agg(format('document @@ %L', 'n:' || i), ' OR ')), 40) AS queries FROM generate_series(1, 40) i;
SELECT is_near(expected(format('SELECT FROM things WHERE document @@ %L AND document @@ %L', string_agg('n:' || i, ' OR '), string_agg('n:' || i, ' OR ') || ' OR half:true')), 60) AS counts FROM generate_series(1, 90) i;
CREATE TABLE wide (id integer);
DO $$
BEGIN
  FOR i IN 1 .. 20 LOOP
    EXECUTE format('ALTER TABLE scratch.wide ADD d%s jsonb', i);
    EXECUTE format('CREATE INDEX ON scratch.wide USING gin (d%s userdir.jsonb_query_ops)', i);
  END LOOP;
  EXECUTE 'INSERT INTO scratch.wide SELECT n' || (SELECT string_agg(format(', jsonb_build_object(''k'', n %% %s)', i * 5), '' ORDER BY i) FROM generate_series(1, 20) i) || ' FROM generate_series(1, 4000) n';
END $$;
VACUUM ANALYZE wide;
SELECT is_near(expected('SELECT FROM wide w WHERE w @@ ' || quote_literal(string_agg(format('d%s.k:3', i), ' OR '))), 2136) AS columns,
       is_near(expected('SELECT FROM wide w WHERE w @@ ' || quote_literal(string_agg(format('d%s.k:3', i), ' OR ') || ' OR ' || string_agg(format('d%s.k:3', i), ' OR ' ORDER BY -i))), 2136) AS again,
       bool_and(is_near(expected(format('SELECT FROM wide w WHERE d%s @@ %L', i, 'k:3')), 800.0 / i)) AS each
  FROM generate_series(1, 20) i;

-- While a statement is planned a function may plan others, and fail.
CREATE FUNCTION plans_another(query text) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  EXECUTE format('SELECT FROM scratch.things WHERE document OPERATOR(userdir.@@) %L AND other OPERATOR(userdir.@@) %L', query, query);
  EXECUTE format('SELECT FROM scratch.things WHERE document OPERATOR(userdir.@@) %L AND id = 1 / 0', query);
  RETURN 0;
EXCEPTION WHEN division_by_zero THEN
  RETURN 1;
END $$;
SELECT is_near(expected($$SELECT FROM things WHERE document @@ 'half:true AND s:s7' AND plans_another('half:true AND s:s8') = 1 AND other @@ 'pct:2' AND document @@ 'half:false OR pct:7'$$), 2) AS inner_fails,
       is_near(expected($$SELECT FROM things WHERE plans_another('half:true AND pct:8') = 1 AND document @@ 'pct:8' AND plans_another('pct:7') = 1$$), 100) AS several;
SELECT pg_temp.try($$EXPLAIN SELECT FROM scratch.things WHERE document OPERATOR(userdir.@@) 'half:true AND s:s7' AND id = 1 / 0$$) AS fails, is_near(expected($$SELECT FROM things WHERE document @@ 's:s7'$$), 20) AS afterwards;

-- The next statement sees what has changed, also in the same transaction.
BEGIN;
SELECT is_near(expected($$SELECT FROM things WHERE document @@ 'new:1'$$), 1) AS none;
INSERT INTO things SELECT i, '{"new": 1}', '{}' FROM generate_series(10001, 14000) i;
DROP INDEX things_document;
CREATE INDEX things_document ON things USING gin (document jsonb_query_ops);
SELECT is_near(expected($$SELECT FROM things WHERE document @@ 'new:1'$$), 4000) AS many;
DROP INDEX things_document;
CREATE INDEX things_document ON things USING gin (document jsonb_query_paths_ops (paths = 'half'));
SELECT count(*) AS index_that_does_not_know FROM things WHERE document @@ 'new:1';
ROLLBACK;
SELECT is_near(expected($$SELECT FROM things WHERE document @@ 'half:true'$$), 5000) AS as_before;

-- Many joined tables, for which the planner works in memory that it gives back, and prepared statements.
SET geqo_threshold = 2;
SELECT count(*) FROM things a JOIN things b USING (id) JOIN things c USING (id) JOIN few d USING (id) WHERE a @@ 'document.half:false AND document.s:s7' AND b @@ 'document.half:false AND document.s:s7 AND other.pct:2' AND c.document @@ 's:s7' AND d.document @@ 'pct:7';
RESET geqo_threshold;
PREPARE by_query (userquery) AS SELECT count(*) FROM things t WHERE t @@ $1;
EXECUTE by_query('document.s:s7 AND document.half:true');
EXECUTE by_query('document.s:s8 AND document.half:true');
EXECUTE by_query('document.s:s7 AND document.half:false');
EXECUTE by_query('document.s:s8 AND document.half:true');
EXECUTE by_query('document.s:s8 AND document.half:true');
EXECUTE by_query('document.s:s8 AND document.half:true');
EXECUTE by_query('document.pct:8 AND document.half:true');

-- What is known of a table's indexes is known until one comes or goes, if only for a while.
CREATE TABLE people (id integer, email text, name text COLLATE "C");
CREATE FUNCTION shapes() RETURNS TABLE (suffix text, equality text) LANGUAGE sql AS $$ SELECT userdir.search_condition('scratch.people', 'email:*acme.example'), userdir.search_condition('scratch.people', 'name:"Ann"') $$;
SELECT * FROM shapes();
BEGIN;
CREATE INDEX people_reversed ON people (reverse(fold_case(email)) COLLATE "C");
SELECT suffix FROM shapes();
SAVEPOINT s;
DROP INDEX people_reversed;
SELECT suffix FROM shapes();
ROLLBACK TO s;
SELECT suffix FROM shapes();
ROLLBACK;
SELECT suffix FROM shapes();
CREATE INDEX CONCURRENTLY people_reversed ON people (reverse(fold_case(email)) COLLATE "C");
CREATE INDEX people_name ON people USING gin (fold_case(name) text_wildcard_ops);
SELECT * FROM shapes();
DROP INDEX CONCURRENTLY people_reversed;
ALTER TABLE people RENAME TO folk;
ALTER TABLE folk RENAME TO people;
SELECT * FROM shapes();
DROP INDEX people_name;
SELECT * FROM shapes();
CREATE INDEX people_reversed ON people (reverse(fold_case(email)) COLLATE "C");
DO $$
BEGIN
  FOR i IN 1 .. 100 LOOP
    EXECUTE format('CREATE TABLE scratch.one%s (email text)', i);
  END LOOP;
  FOR i IN 1 .. 100 LOOP
    PERFORM userdir.search_condition(('scratch.one' || i)::regclass, 'email:*acme.example');
  END LOOP;
END $$;
SELECT suffix FROM shapes();

-- An extension that is dropped and made again has other operators, and a connection finds them.
SELECT create_connection('test', 'auth0') IS NOT NULL AS made;
SELECT create_user('test', '{"user_id": "1", "email": "ann@acme.example", "app_metadata": {"plan": "gold"}}') ->> 'user_id' AS user_id;
SELECT user_id FROM users u WHERE u @@ 'email:*acme* AND app_metadata.plan:gold';
DEALLOCATE by_query;
SET client_min_messages = warning;
DROP EXTENSION userdir CASCADE;
CREATE EXTENSION userdir;
SELECT user_id FROM users u WHERE u @@ 'email:*acme* AND app_metadata.plan:gold';
SELECT count(*) FROM things t WHERE t @@ 'document.s:s8 AND document.half:true';
BEGIN;
DROP EXTENSION userdir CASCADE;
CREATE EXTENSION userdir;
SELECT count(*) FROM things t WHERE t @@ 'document.s:s8 AND document.half:true';
ROLLBACK;
SELECT user_id FROM users u WHERE u @@ 'email:*acme* AND app_metadata.plan:gold';
DROP SCHEMA scratch CASCADE;
