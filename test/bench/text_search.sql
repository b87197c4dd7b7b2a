-- What wildcard search costs and takes, beside pg_trgm on the same columns.
--
-- usage: tools/cluster run psql -X -q -v rows=100000 -f test/bench/text_search.sql postgres
--
-- Needs userdir and pg_trgm (postgresql-contrib) in the server, Linux and a superuser. What takes long
-- is measured in processor time, which neighbours do not lengthen; the rest is the best of several times
-- on the clock, in milliseconds unless said otherwise, with planning. p50 and p90 are over 30 patterns.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS userdir;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
\ir text_search_data.sql
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET max_parallel_maintenance_workers = 0;
SET maintenance_work_mem = '256MB';
SET work_mem = '64MB';

CREATE FUNCTION pg_temp.time_of(statement text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
  started timestamptz := clock_timestamp();
BEGIN
  EXECUTE statement;
  RETURN extract(epoch FROM clock_timestamp() - started) * 1000;
END $$;
CREATE FUNCTION pg_temp.processor_time() RETURNS double precision LANGUAGE sql VOLATILE AS
$$ SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::double precision / 1e6 $$;
CREATE FUNCTION pg_temp.effort_of(statement text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
  started double precision := pg_temp.processor_time();
BEGIN
  EXECUTE statement;
  RETURN pg_temp.processor_time() - started;
END $$;
CREATE FUNCTION pg_temp.best_of(statement text, rounds integer) RETURNS double precision LANGUAGE sql AS
$$ SELECT min(pg_temp.time_of(statement)) FROM generate_series(1, rounds) $$;

-- Functions: nanoseconds a call, without the loop around it.
CREATE TEMP TABLE words AS SELECT name, email, upper(email) AS capitals, repeat(email, 8) AS long FROM people WHERE octet_length(name || email) = length(name || email) LIMIT 50000;
CREATE TEMP TABLE cyrillic AS SELECT 'Иван Петров' || i AS name FROM generate_series(1, 50000) i;
ANALYZE words;
SELECT c.call, round(((pg_temp.best_of(format('SELECT count(octet_length(%s)) FROM %s', c.call, c.source), 25) - pg_temp.best_of(format('SELECT count(octet_length(%s)) FROM %s', c.argument, c.source), 25)) * 1e6 / 50000)::numeric) AS ns
  FROM (VALUES ('lower(name COLLATE "C")', 'name', 'words'), ('userdir.fold_case(name)', 'name', 'words'), ('lower(email COLLATE "C")', 'email', 'words'), ('userdir.fold_case(email)', 'email', 'words'),
               ('lower(capitals COLLATE "C")', 'capitals', 'words'), ('userdir.fold_case(capitals)', 'capitals', 'words'), ('lower(long COLLATE "C")', 'long', 'words'), ('userdir.fold_case(long)', 'long', 'words'),
               ('lower(name)', 'name', 'cyrillic'), ('userdir.fold_case(name)', 'name', 'cyrillic')) c (call, argument, source);
SELECT c.condition, round((pg_temp.best_of(format('SELECT count(*) FILTER (WHERE %s) FROM words', c.condition), 25) - pg_temp.best_of('SELECT count(*) FILTER (WHERE name IS NULL) FROM words', 25))::numeric * 1e6 / 50000) AS ns
  FROM (VALUES ('name LIKE ''%erta%'''), ('name OPERATOR(userdir.=*) ''*erta*'''), ('name LIKE ''%a_r%a'''), ('name OPERATOR(userdir.=*) ''*a?r*a'''), ('name LIKE ''mar%'''), ('name OPERATOR(userdir.=*) ''mar*''')) c (condition);

-- Indexes: effort to build, size, and what a row costs to insert beyond the bare table, by the length of
-- the pending list, which is emptied at the end.
CREATE TABLE columns (place integer, name text);
INSERT INTO columns VALUES (1, 'email'), (2, 'name'), (3, 'nickname'), (4, 'given_name'), (5, 'family_name');
CREATE FUNCTION pg_temp.index_statement(index_name text, table_name text, class text, pending_kb integer) RETURNS text LANGUAGE sql AS
$$ SELECT format('CREATE INDEX %s ON %s USING gin (%s) WITH (gin_pending_list_limit = %s)', index_name, table_name, string_agg(format('userdir.fold_case(%I) %s', name, class), ', ' ORDER BY place), pending_kb) FROM columns $$;
CREATE FUNCTION pg_temp.insert_cost(class text, pending_kb integer) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
  taken double precision;
BEGIN
  CREATE TABLE fresh (LIKE people);
  INSERT INTO fresh SELECT * FROM people WHERE id > 10000;
  IF class <> '' THEN EXECUTE pg_temp.index_statement('fresh_idx', 'fresh', class, pending_kb); END IF;
  taken := pg_temp.effort_of('INSERT INTO fresh SELECT * FROM people WHERE id <= 10000');
  IF class <> '' THEN taken := taken + pg_temp.effort_of('SELECT gin_clean_pending_list(''fresh_idx'')'); END IF;
  DROP TABLE fresh;
  RETURN taken * 1000 / 10000;
END $$;
CREATE TEMP TABLE sizes (class text, build_ms double precision, bytes bigint);
INSERT INTO sizes SELECT 'userdir.text_wildcard_ops', pg_temp.effort_of(pg_temp.index_statement('people_wildcard', 'people', 'userdir.text_wildcard_ops', 256));
UPDATE sizes SET bytes = pg_relation_size('people_wildcard') WHERE class = 'userdir.text_wildcard_ops';
INSERT INTO sizes SELECT 'gin_trgm_ops', pg_temp.effort_of(pg_temp.index_statement('people_trgm', 'people', 'gin_trgm_ops', 256));
UPDATE sizes SET bytes = pg_relation_size('people_trgm') WHERE class = 'gin_trgm_ops';
SELECT class, round(build_ms::numeric) AS build_ms, pg_size_pretty(bytes) AS size, round(bytes::numeric / :rows) AS bytes_per_row FROM sizes;
SELECT class, pending_kb, round((pg_temp.insert_cost(class, pending_kb) - pg_temp.insert_cost('', 0))::numeric, 1) AS insert_us_per_row FROM sizes, unnest('{256,1024,4096}'::integer[]) pending_kb;
VACUUM ANALYZE people;

-- Searches: 30 patterns of each class, of pieces of values that are there.
CREATE TEMP TABLE patterns AS
WITH sample AS (SELECT userdir.fold_case(name) AS name, userdir.fold_case(email) AS email, strpos(name, ' ') AS gap
                  FROM people WHERE octet_length(name || email) = length(name || email) AND length(family_name) >= 8 ORDER BY pg_temp.draw(id, 99) LIMIT 30)
SELECT c.place, c.class, c.field, c.pattern
  FROM sample s, LATERAL (VALUES (1, 'contains 2', 'name', '*' || substr(name, gap + 2, 2) || '*'), (2, 'contains 3', 'name', '*' || substr(name, gap + 2, 3) || '*'), (3, 'contains 4', 'name', '*' || substr(name, gap + 2, 4) || '*'),
         (4, 'contains 6', 'name', '*' || substr(name, gap + 2, 6) || '*'), (5, 'contains 8', 'name', '*' || substr(name, gap - 3, 8) || '*'), (6, 'begins 3', 'family_name', substr(name, gap + 1, 3) || '*'),
         (7, 'begins 6', 'family_name', substr(name, gap + 1, 6) || '*'), (8, 'ends 3', 'name', '*' || right(name, 3)), (9, 'ends 6', 'name', '*' || right(name, 6)), (10, 'domain', 'email', '*' || substr(email, strpos(email, '@'))),
         (11, 'both ends', 'name', left(name, 3) || '*' || right(name, 4)), (12, 'whole', 'email', email)) c (place, class, field, pattern);
CREATE TEMP TABLE results (place integer, class text, kind text, ms double precision, matches bigint);
CREATE FUNCTION pg_temp.run(kind text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  p record; condition text; n bigint;
BEGIN
  FOR p IN SELECT DISTINCT * FROM patterns LOOP
    condition := format(CASE kind WHEN 'trgm' THEN 'userdir.fold_case(%I) LIKE %L' ELSE 'userdir.fold_case(%I) OPERATOR(userdir.=*) %L' END, p.field, CASE kind WHEN 'trgm' THEN replace(p.pattern, '*', '%') ELSE p.pattern END);
    EXECUTE 'SELECT count(*) FROM people WHERE ' || condition INTO n;
    INSERT INTO results VALUES (p.place, p.class, kind, pg_temp.best_of('SELECT count(*) FROM people WHERE ' || condition, 3), n);
  END LOOP;
END $$;
SELECT pg_temp.run('planner') \g /dev/null
SET enable_seqscan = off;
SELECT pg_temp.run('wildcard') \g /dev/null
SELECT pg_temp.run('trgm') \g /dev/null
RESET enable_seqscan;
SELECT class, round(avg(matches) FILTER (WHERE kind = 'wildcard')) AS matches,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE kind = 'wildcard'))::numeric, 2) AS p50, round((percentile_cont(0.9) WITHIN GROUP (ORDER BY ms) FILTER (WHERE kind = 'wildcard'))::numeric, 2) AS p90,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE kind = 'trgm'))::numeric, 2) AS trgm_p50, round((percentile_cont(0.9) WITHIN GROUP (ORDER BY ms) FILTER (WHERE kind = 'trgm'))::numeric, 2) AS trgm_p90,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE kind = 'planner'))::numeric, 2) AS planner_p50, sum(matches) FILTER (WHERE kind = 'wildcard') = sum(matches) FILTER (WHERE kind = 'trgm') AS same_rows
  FROM results GROUP BY place, class ORDER BY place;

-- Estimates: by what factor the planner is wrong.
CREATE FUNCTION pg_temp.estimate(condition text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) SELECT * FROM people WHERE ' || condition INTO plan;
  RETURN greatest(1, (plan -> 0 -> 'Plan' ->> 'Plan Rows')::double precision);
END $$;
SELECT class, round(exp(avg(abs(ln(estimate / actual))))::numeric, 1) AS usual_factor, round(exp(max(abs(ln(estimate / actual))))::numeric, 1) AS worst_factor
  FROM (SELECT p.place, p.class, pg_temp.estimate(format('userdir.fold_case(%I) OPERATOR(userdir.=*) %L', p.field, p.pattern)) AS estimate,
               greatest(1, (SELECT count(*) FROM people WHERE CASE p.field WHEN 'name' THEN userdir.fold_case(name) WHEN 'email' THEN userdir.fold_case(email) ELSE userdir.fold_case(family_name) END OPERATOR(userdir.=*) p.pattern))::double precision AS actual
          FROM patterns p WHERE p.place IN (1, 2, 3, 4, 6, 7, 8, 9, 10, 12)) e
 GROUP BY place, class ORDER BY place;
DROP TABLE people, columns;
