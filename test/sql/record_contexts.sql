-- row @@ query wherever SQL lets a condition or a value stand: always true or false, by indexes where rows are chosen
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SET search_path = public, userdir;
SET max_parallel_workers_per_gather = 0;

CREATE TABLE people (id integer PRIMARY KEY, email text, username text, team integer, doc jsonb);
INSERT INTO people SELECT g, 'user' || g || '@corp.test', CASE WHEN g % 3 = 0 THEN 'u' || g END, g % 10, CASE WHEN g % 4 > 0 THEN jsonb_build_object('n', g, 'plan', CASE WHEN g % 2 = 0 THEN 'free' ELSE 'gold' END) END FROM generate_series(1, 3000) g;
CREATE INDEX people_email ON people ((fold_case(email)) COLLATE "C");
CREATE INDEX people_username ON people (username COLLATE "C");
CREATE INDEX people_doc ON people USING gin (doc jsonb_query_ops);
CREATE TABLE visits (person integer PRIMARY KEY, pages integer, agent text);
INSERT INTO visits SELECT g, g % 100, 'agent ' || g FROM generate_series(2, 3000, 2) g;
CREATE INDEX visits_agent ON visits (agent COLLATE "C");
VACUUM ANALYZE people, visits;

-- Values: false where a column is null, negated by SQL too, in every kind of expression.
SELECT count(*) AS of, count(*) FILTER (WHERE p @@ 'username:u3') AS filtered, count(p @@ 'username:u3') AS not_null, count(*) FILTER (WHERE NOT p @@ 'username:u3') AS sql_not, count(*) FILTER (WHERE p @@ 'NOT username:u3') AS query_not,
       count(*) FILTER (WHERE (p @@ 'username:u3') IS FALSE) AS is_false, count(*) FILTER (WHERE (p @@ 'username:u3') = false) AS equals_false, sum(CASE WHEN p @@ 'username:u3 OR doc.n:5' THEN 1 ELSE 0 END) AS cases,
       bool_or((p @@ 'doc.n:5') IS NULL) AS null_document, count(*) FILTER (WHERE (p @@ 'username:u3') <> (p @@ 'doc.n:5')) AS differing FROM people p;
SELECT count(*) FROM people p WHERE NOT (p @@ 'username:u3');
SELECT count(*) FROM people p WHERE NOT (p @@ 'username:u3 AND doc.n:3') AND NOT (p @@ 'doc.n:5');
SELECT count(*) FROM people p WHERE (p @@ 'username:u3') IS NOT TRUE;
SELECT p @@ 'username:u*' AS has_name, count(*) FROM people p GROUP BY 1 ORDER BY 1;
SELECT p @@ 'username:u*' AS has_name, count(*) FROM people p GROUP BY 1 HAVING NOT (p @@ 'username:u*');
SELECT id FROM people p WHERE id < 4 ORDER BY p @@ 'username:u*' DESC, id;
SELECT count(*) FROM (SELECT p @@ 'username:u3' AS m FROM people p) s WHERE NOT m;
SELECT count(*) FROM (SELECT p @@ 'username:u3' AS m FROM people p UNION ALL SELECT p @@ 'username:u6' FROM people p) s WHERE NOT m;
SELECT count(*) FROM people p WHERE coalesce(p @@ 'username:u3', true);
-- A row that an outer join does not find is a row of nulls.
CREATE VIEW visited AS SELECT p.*, v.pages, v.agent FROM people p LEFT JOIN visits v ON v.person = p.id;
SELECT count(*) FILTER (WHERE v @@ 'pages:7') AS seven, count(*) FILTER (WHERE v @@ 'NOT pages:7') AS others, count(*) FILTER (WHERE v @@ '_missing_:pages') AS missing FROM visited v;
SELECT (SELECT count(*) FROM visited v WHERE v @@ 'pages:8') AS eight, (SELECT count(*) FROM visited v WHERE v @@ 'NOT pages:8') AS others, (SELECT count(*) FROM visited v WHERE NOT (v @@ 'pages:8')) AS sql_not;
SELECT count(*) FILTER (WHERE v @@ 'NOT agent:x') AS whole_row, count(*) FILTER (WHERE _record_matches(v, 'NOT agent:x')) AS in_memory, count(*) FILTER (WHERE x @@ 'NOT agent:x') AS of_view, count(*) FILTER (WHERE _record_matches(x, 'NOT agent:x')) AS in_memory_of_view
  FROM people p LEFT JOIN visits v ON v.person = p.id LEFT JOIN visited x ON x.id = p.id + 1500;
SELECT count(*) FROM people p LEFT JOIN visited x ON x.id = p.id + 2990 WHERE x @@ 'NOT agent:x';
SELECT count(*) FROM people p LEFT JOIN visited x ON x.id = p.id + 2990 AND x @@ 'NOT agent:agent\ 2992' WHERE x @@ '_exists_:email';
SELECT count(*) FROM people p LEFT JOIN (SELECT id, email, 'none'::text AS username FROM people) x ON x.id = p.id + 2990 WHERE x @@ 'username:none';
SELECT count(*) FROM people p LEFT JOIN (SELECT id, email, 'none'::text AS username FROM people) x ON x.id = p.id + 2990 WHERE x @@ 'NOT username:none';
SELECT count(*) FROM visits v FULL JOIN people p ON p.id = v.person + 1 WHERE p @@ 'NOT username:u3' AND v @@ 'NOT pages:8';

-- What chooses rows uses indexes: alone, in joins and their conditions, subqueries of every kind, views.
CREATE FUNCTION plan(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || statement; END $$;
SELECT plan($$SELECT * FROM people p WHERE p @@ 'username:u3'$$);
SELECT plan($$SELECT * FROM people p WHERE p.team = 3 AND (p @@ 'username:u3' OR p @@ 'email:user5@*')$$);
SELECT plan($$SELECT * FROM visited v WHERE v @@ 'email:user77@corp.test AND NOT pages:5'$$);
SELECT plan($$SELECT * FROM visited v WHERE v @@ 'agent:"agent 8"'$$);
SELECT plan($$SELECT * FROM visits v JOIN people p ON p.id = v.person AND p @@ 'username:u30 OR doc.n:31'$$);
SELECT plan($$SELECT * FROM visits v LEFT JOIN people p ON p.id = v.person AND p @@ 'username:u30' WHERE v @@ 'agent:"agent 8"'$$);
SELECT plan($$SELECT * FROM visits v LEFT JOIN visited p ON p.id = v.person WHERE p @@ 'username:u30'$$);
SELECT plan($$SELECT * FROM visits v WHERE EXISTS (SELECT FROM people p WHERE p.id = v.person AND p @@ 'username:u30')$$);
SELECT plan($$SELECT * FROM visits v WHERE v.person IN (SELECT id FROM people p WHERE p @@ 'email:user3@*')$$);
SELECT line FROM plan($$SELECT * FROM visits v WHERE v.pages = (SELECT max(team) FROM people p WHERE p @@ 'username:u30')$$) line WHERE line ~ 'username';
SELECT plan($$SELECT * FROM visits v, LATERAL (SELECT * FROM people p WHERE p.id = v.person OFFSET 0) x WHERE x @@ 'team:3' AND v @@ 'agent:"agent 8"'$$);
SELECT plan($$WITH x AS MATERIALIZED (SELECT * FROM people) SELECT * FROM x WHERE x @@ 'username:u3'$$);
SELECT plan($$SELECT team, count(*) FROM people p GROUP BY team HAVING (SELECT count(*) FROM people q WHERE q.team = p.team AND q @@ 'username:u30') > 0$$);
SELECT plan($$UPDATE people p SET team = 1 WHERE p @@ 'username:u30'$$);
SELECT plan($$DELETE FROM people p USING visits v WHERE p.id = v.person AND p @@ 'username:u30'$$);
SELECT plan($$SELECT count(*) FROM people p WHERE p @@ 'username:u3*' AND username COLLATE "C" < 'u30'$$);
-- An EXISTS under an OR is planned twice, once with its own conditions alone.
SELECT count(*) FROM visits v WHERE v.person = 1 OR EXISTS (SELECT FROM people p WHERE p.id = v.person AND NOT (p @@ 'username:u6'));
SELECT count(*) FROM visits v WHERE v.person = 1 OR NOT EXISTS (SELECT FROM people p WHERE p.id = v.person AND NOT (p @@ 'username:u6'));
-- Functions of SQL are put in the place of their calls, where nothing tells what stands around them.
CREATE FUNCTION is_known(p people) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT $1 @@ 'username:u30' $$;
SELECT plan($$SELECT * FROM people p WHERE is_known(p)$$);
SELECT plan($$SELECT * FROM people p WHERE p.team = 0 AND NOT is_known(p)$$);
SELECT count(*) FILTER (WHERE is_known(p)) AS known, count(*) FILTER (WHERE NOT is_known(p)) AS others FROM people p;
SELECT (SELECT count(*) FROM people p WHERE is_known(p)) AS known, (SELECT count(*) FROM people p WHERE NOT is_known(p)) AS others, (SELECT count(*) FROM people p WHERE p @@ 'username:u*' AND NOT is_known(p)) AS named_others;

-- A row that a function returns, or whose columns are volatile or costly, is made once.
CREATE SEQUENCE calls;
CREATE FUNCTION person(integer) RETURNS people LANGUAGE plpgsql VOLATILE AS $$ BEGIN PERFORM nextval('calls'); RETURN (SELECT p FROM people p WHERE id = $1); END $$;
SELECT person(3) @@ 'username:u3 AND team:3 AND doc.n:3' AS found, currval('calls') AS calls;
SELECT count(*) FROM (SELECT id, nextval('calls') AS n FROM people WHERE id < 3) x WHERE x @@ 'n:[0 TO 100] AND n:[1 TO 100] AND id:1';
SELECT currval('calls') AS calls;
SELECT plan($$SELECT * FROM (SELECT id, (SELECT max(pages) FROM visits v WHERE v.person = p.id) AS n FROM people p) x WHERE x @@ 'n:[5 TO 6] AND id:3'$$);
SELECT plan($$SELECT * FROM (SELECT id, (SELECT max(pages) FROM visits v WHERE v.person = p.id) AS n FROM people p) x WHERE x @@ 'n:5 AND id:3'$$);
-- So it is in a SELECT list, whatever the row is made of: each column is evaluated once.
CREATE TYPE entry AS (email text, n integer, doc jsonb);
CREATE DOMAIN kept_entry AS entry;
CREATE FUNCTION counted(value anyelement) RETURNS anyelement LANGUAGE plpgsql VOLATILE COST 1 AS $$ BEGIN PERFORM nextval('calls'); RETURN value; END $$;
CREATE FUNCTION costly(value anyelement) RETURNS anyelement LANGUAGE plpgsql STABLE COST 100 AS $$ BEGIN PERFORM nextval('calls'); RETURN value; END $$;
CREATE FUNCTION made() RETURNS entry LANGUAGE plpgsql VOLATILE AS $$ BEGIN PERFORM nextval('calls'); RETURN ROW('a@b'::text, 5, '{"x": 1}'::jsonb); END $$;
CREATE FUNCTION calls_of(expression text, source text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  found boolean;
BEGIN
  PERFORM setval('calls', 1, false);
  EXECUTE format('SELECT %s @@ ''email.domain:b AND n:[1 TO 9] AND doc.x:1 AND NOT (n:6 OR doc.x:[2 TO 3])'' %s', expression, source) INTO found;
  RETURN format('%s, %s calls', found, nextval('calls') - 1);
END $$;
SELECT calls_of('made()') AS made, calls_of('made()::kept_entry') AS of_domain, calls_of('m', 'FROM made() m') AS in_from, calls_of('e', 'FROM (SELECT made() AS e) x') AS pulled_up, calls_of('e', 'FROM (SELECT made() AS e OFFSET 0) x') AS column_of,
       calls_of('x', $$FROM (SELECT counted('a@b'::text) AS email, counted(5) AS n, counted('{"x": 1}'::jsonb) AS doc) x$$) AS volatile, calls_of('x', $$FROM (SELECT costly('a@b'::text) AS email, costly(5) AS n, costly('{"x": 1}'::jsonb) AS doc) x$$) AS costly,
       calls_of($$ROW(counted('a@b'::text), counted(5), '{"x": 1}')::entry$$) AS listed, calls_of('x', $$FROM (VALUES (1)) v (i) LEFT JOIN (SELECT 1 AS i, costly('a@b'::text) AS email, 5 AS n, costly('{"x": 1}'::jsonb) AS doc) x ON x.i = v.i$$) AS joined,
       calls_of('x', $$FROM (SELECT (SELECT costly('a@b'::text)) AS email, (SELECT costly(5)) AS n, '{"x": 1}'::jsonb AS doc) x$$) AS subqueries;
SELECT calls_of($$counted('{"x": 1, "n": 5, "email": {"domain": "b"}, "doc": {"x": 1}}'::jsonb)$$) AS document;

-- Writing: only what is found changes, rows of this transaction are seen.
BEGIN;
UPDATE people p SET username = 'renamed' WHERE p @@ 'username:u30' RETURNING id, p @@ 'username:renamed' AS is_new;
INSERT INTO people VALUES (5000, 'New@Corp.test', NULL, 1, '{"n": 5000}');
SELECT id FROM people p WHERE p @@ 'email:new@corp.test OR username:renamed' ORDER BY id;
INSERT INTO people AS p VALUES (5000, 'x') ON CONFLICT (id) DO UPDATE SET team = 99 WHERE p @@ 'email:new@*' AND excluded @@ 'email:x' RETURNING id, team;
DELETE FROM people p WHERE p @@ 'doc.n:[10 TO *] AND NOT doc.n:5000';
SELECT count(*) FROM people;
ROLLBACK;
-- In constraints, policies, triggers, rules of views.
CREATE TABLE checked (id integer, email text, username text, CHECK (checked @@ 'email:*@corp.test OR NOT username:x'));
INSERT INTO checked VALUES (1, 'a@corp.test', 'x'), (2, NULL, NULL), (3, NULL, 'y');
SELECT pg_temp.try($$INSERT INTO checked VALUES (4, NULL, 'x')$$);
ALTER TABLE checked DROP CONSTRAINT checked_check, ADD CONSTRAINT checked_name CHECK (checked @@ 'username:y') NOT VALID;
SELECT pg_temp.try($$INSERT INTO checked VALUES (5, NULL, NULL)$$), pg_temp.try($$INSERT INTO checked VALUES (6, NULL, 'y')$$);
ALTER TABLE checked DROP CONSTRAINT checked_name;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE NOTICE '% -> %: %', OLD.username, NEW.username, CASE WHEN NEW @@ 'username:(y OR z)' AND NOT OLD @@ 'username:y' THEN 'to y or z' ELSE 'other' END;
  RETURN NEW;
END $$;
CREATE TRIGGER note BEFORE UPDATE ON checked FOR EACH ROW WHEN (NEW @@ '_exists_:username' AND NOT OLD @@ 'username:x') EXECUTE FUNCTION note();
UPDATE checked SET username = CASE id WHEN 2 THEN 'z' WHEN 3 THEN 'y' ELSE 'a' END;
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'of % rows % match', (SELECT count(*) FROM fresh), (SELECT count(*) FROM fresh f WHERE f @@ 'username:y'); RETURN NULL; END $$;
CREATE TRIGGER tell AFTER UPDATE ON checked REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tell();
UPDATE checked SET id = id;
DROP TABLE checked;
CREATE ROLE record_reader;
SELECT * FROM userdir.grant_to('record_reader', 'reader');
GRANT SELECT, UPDATE, INSERT ON people TO record_reader;
ALTER TABLE people ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON people USING (people @@ 'team:3 AND doc.n:[* TO 1000]') WITH CHECK (people @@ 'username:u*');
SET ROLE record_reader;
SET search_path = public, userdir;
SELECT count(*), count(*) FILTER (WHERE p @@ 'username:u*') AS named FROM people p;
SELECT count(*) FROM people p WHERE p @@ 'username:u3';
SELECT id FROM people p WHERE p @@ 'username:u3* AND NOT doc.n:33' ORDER BY id;
SELECT count(*) FROM people p, (VALUES ('username:u3* AND email.domain:corp.test'::userquery)) v (q) WHERE p @@ q;
SELECT pg_temp.try($$UPDATE people p SET username = NULL WHERE p @@ 'username:u33'$$), pg_temp.try($$UPDATE people p SET username = 'u' WHERE p @@ 'username:u33'$$);
RESET ROLE;
DROP POLICY mine ON people;
ALTER TABLE people DISABLE ROW LEVEL SECURITY;
UPDATE people SET username = 'u33' WHERE id = 33;
CREATE VIEW barred WITH (security_barrier) AS SELECT * FROM people WHERE team <> 3;
SELECT count(*) FROM barred b WHERE b @@ 'username:u33 OR username:u36';
SELECT plan($$SELECT * FROM barred b WHERE b @@ 'username:u36'$$);
DROP VIEW visited, barred;

-- Prepared statements: planned for the value, or once for all values; both find the same.
PREPARE named(text) AS SELECT id FROM people p WHERE p @@ $1::userquery AND NOT p @@ ('doc.n:' || $1)::userquery;
PREPARE typed(userquery) AS SELECT id FROM people p WHERE p @@ ($1 && 'team:0');
EXECUTE typed('username:u30');
SELECT plan($$EXECUTE typed('username:u30')$$);
SET plan_cache_mode = force_generic_plan;
EXECUTE typed('username:u30');
EXECUTE typed(NULL);
SELECT plan($$EXECUTE typed('username:u30')$$);
SELECT pg_temp.try($$EXECUTE typed('nobody:5')$$);
RESET plan_cache_mode;
-- PL/pgSQL: literals, variables, records.
DO $$
DECLARE
  wanted userquery := 'username:u30';
  r record;
  person people;
  n integer;
BEGIN
  FOR i IN 1 .. 12 LOOP
    SELECT count(*) INTO n FROM people p WHERE p @@ wanted;
    wanted := wanted || 'username:u33';
  END LOOP;
  SELECT * INTO r FROM people p WHERE p @@ 'username:u30';
  SELECT * INTO person FROM people p WHERE p @@ 'username:u33';
  RAISE NOTICE '%, %, %, %', n, r @@ 'team:0 AND NOT team:1', person @@ 'team:3' AND person @@ wanted, ROW(person.id) @@ 'f1:33';
  r := ROW(1, 'x');
  RAISE NOTICE '%', r @@ 'f2:x';
END $$;
-- Queries from a table: a call site keeps those that it has seen.
CREATE TABLE segments (name text, query userquery);
INSERT INTO segments SELECT 'team ' || g, ('team:' || g)::userquery FROM generate_series(0, 9) g;
INSERT INTO segments SELECT 'name ' || g, ('username:u' || g)::userquery FROM generate_series(1, 100) g;
INSERT INTO segments VALUES ('none', NULL);
SELECT count(*), count(DISTINCT name), count(DISTINCT id) FROM segments s JOIN people p ON p @@ s.query WHERE p.id <= 300;
SET work_mem = '64kB';
SELECT count(*), count(DISTINCT name), count(DISTINCT id) FROM segments s JOIN people p ON p @@ s.query WHERE p.id <= 300;
RESET work_mem;
SELECT count(*) FROM people p WHERE p @@ ANY (ARRAY['username:u30', 'team:1 AND username:u21']::userquery[]);

-- Tables with children: each has its own indexes, its own order of columns, and its own fields.
CREATE TABLE events (id integer, kind text, at date, email text) PARTITION BY RANGE (at);
CREATE TABLE events_2021 PARTITION OF events FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE TABLE events_2022 (email text, gone integer, at date, kind text, id integer);
ALTER TABLE events_2022 DROP COLUMN gone;
ALTER TABLE events ATTACH PARTITION events_2022 FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
INSERT INTO events SELECT g, 'k' || g, date '2021-01-01' + g % 730, CASE WHEN g % 2 = 0 THEN 'A' || g || '@x.org' END FROM generate_series(1, 4000) g;
CREATE INDEX events_kind ON events (kind COLLATE "C");
CREATE INDEX events_email ON events ((fold_case(email)) COLLATE "C");
ANALYZE events;
SELECT id FROM events e WHERE e @@ 'kind:k400 OR email:a1000@x.org' ORDER BY id;
SELECT plan($$SELECT * FROM events e WHERE e @@ 'email:a1000@x.org'$$);
SELECT plan($$SELECT * FROM events e WHERE e @@ 'kind:k400 AND at:2021-06'$$);
SELECT count(*) FILTER (WHERE e @@ 'NOT email:a2*') AS expanded, count(*) FILTER (WHERE _record_matches(e, 'NOT email:a2*')) AS in_memory FROM events e;
SELECT tableoid::regclass, count(*) FROM events e, (VALUES ('email:a2*'::userquery)) q (q) WHERE e @@ q GROUP BY 1 ORDER BY 1;
CREATE TABLE animals (name text, legs integer);
CREATE TABLE birds (wings integer) INHERITS (animals);
INSERT INTO animals VALUES ('cat', 4);
INSERT INTO birds VALUES ('Crow', 2, 2);
SELECT name FROM animals a WHERE a @@ 'name:c*' ORDER BY name;
SELECT name, b @@ 'wings:2' AS winged FROM birds b WHERE b @@ 'name:c*';
SELECT name FROM animals a, (VALUES ('name:c* AND legs:[1 TO 3]'::userquery)) v (q) WHERE a @@ q;
SELECT pg_temp.try($$SELECT name FROM animals a WHERE a @@ 'wings:2'$$);
CREATE VIEW everybody AS SELECT id, email FROM people UNION ALL SELECT id, email FROM events;
SELECT id FROM everybody e WHERE e @@ 'email:user8@corp.test OR email:a8@x.org' ORDER BY id;
SELECT plan($$SELECT * FROM everybody e WHERE e @@ 'email:a8@x.org'$$);
SELECT count(*) FROM (SELECT e @@ 'email:a8@x.org' AS m FROM everybody e) x WHERE NOT m;

-- A query of thousands of conditions, which a planner could not bear.
SELECT count(*) FROM people p WHERE p @@ (SELECT string_agg('email:[user' || g || '@ TO user' || g || 'A}', ' OR ')::userquery FROM generate_series(1, 3000) g);
SELECT format('SELECT count(*) FROM people p WHERE p @@ %L', (SELECT 'username:u* AND (' || string_agg('email:[user' || g || '@ TO user' || g || 'A}', ' OR ') || ')' FROM generate_series(1, 1001) g)) AS long \gset
SELECT left(line, 110) AS line FROM plan(:'long') line;
SELECT format('SELECT count(*) FROM people p WHERE p @@ %L', (SELECT 'username:u30 AND ' || string_agg('NOT email:user' || g || 'x*', ' AND ') FROM generate_series(1, 999) g)) AS long \gset
SELECT left(line, 110) AS line FROM plan(:'long') line;
DROP OWNED BY record_reader;
DROP ROLE record_reader;
