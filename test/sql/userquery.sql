-- The type userquery: input and output, errors, comparison, queries made of queries
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
CREATE SCHEMA scratch;
SET search_path = scratch, userdir;

-- What is written in different ways and means the same has one text form.
SELECT q AS written, q::userquery AS canonical, q::userquery::text::userquery = q::userquery AS stable
  FROM unnest(ARRAY['a:1 AND b:2', 'a:1 && b:2', '  a:1   AND(b:2)', 'a:1 b:2', 'a:1 || b:2', 'a:1 OR b:2 AND c:3', '!a:1', '-a:1', 'NOT (NOT a:1)',
                    '+a:1 -b:2 c:3', 'a:(x y)', 'a:(x AND NOT "y z")', 'a:>5', 'a:>=5', 'a:<"x y"', 'a:[1 TO 2]', 'a:{1 TO 2]', 'a:[* TO 2}', 'a:*', '_exists_:a', '_missing_:a',
                    'a:x*y?z', 'a:x\*y', 'a.b.c:x', 'a\.b:x', 'first\ name:"x"', 'a:2021-04-05T10:30:00Z', 'a:"say \"hi\""', 'x', '"two words"', '*', '*:*', '', '   ', 'a:\u00e9', 'ä:ö']) q;

-- Errors say where, what was found and what was expected.
SELECT q AS written, pg_temp.try(format('SELECT %L::userdir.userquery', q)) AS error
  FROM unnest(ARRAY['a:', 'a:1 AND', '(a:1', 'a:1)', 'AND a:1', 'a:"x', 'a:[1 TO', 'a:[1 2]', 'a:[1 TO 2', 'ä:ö AND )', 'a:x\', 'a:\u12', 'a:b:c', '()',
                    'a:x~', 'a:x~2', '"a b"~3', 'a:x^2', 'a:/x.*/', '"a":x', 'a*:x']) q;

-- Limits, at them and beyond.
SELECT pg_temp.try(format('SELECT %L::userdir.userquery', repeat('(', 100) || 'a:1' || repeat(')', 100))) AS deep,
       pg_temp.try(format('SELECT %L::userdir.userquery', repeat('(', 101) || 'a:1' || repeat(')', 101))) AS too_deep,
       pg_temp.try(format('SELECT %L::userdir.userquery', repeat('NOT (', 10000) || 'a:1' || repeat(')', 10000))) AS much_too_deep,
       pg_temp.try(format('SELECT %L::userdir.userquery', repeat('(', 1000000))) AS hostile;
SELECT pg_temp.try(format('SELECT %L::userdir.userquery', (SELECT string_agg('a:' || i, ' OR ') FROM generate_series(1, 19999) i))) AS wide,
       pg_temp.try(format('SELECT %L::userdir.userquery', (SELECT string_agg('a:' || i, ' OR ') FROM generate_series(1, 20000) i))) AS too_wide;
SELECT pg_temp.try(format('SELECT %L::userdir.userquery', 'a:' || repeat('x', 1024 * 1024 - 2))) AS long,
       pg_temp.try(format('SELECT %L::userdir.userquery', 'a:' || repeat('x', 1024 * 1024 - 1))) AS too_long;
SELECT pg_temp.try(format('SELECT %L::userdir.userquery', 'a:' || repeat('*x', 1000))) AS wild,
       pg_temp.try(format('SELECT %L::userdir.userquery', 'a:' || repeat('*x', 1001))) AS too_wild;
SET userdir.query_max_nodes = 2;
SELECT pg_temp.try($$SELECT 'a:1 AND b:2'::userdir.userquery$$) AS too_many, 'a:1'::userquery AS fits;
-- A value that exists can still be read; to put it together with another is refused.
CREATE TEMP TABLE saved (query userquery);
RESET userdir.query_max_nodes;
INSERT INTO saved VALUES ('a:1 AND b:2 AND c:3');
SET userdir.query_max_nodes = 2;
SELECT '{"a": 1, "b": 2, "c": 3}'::jsonb @@ query AS matches, pg_temp.try('SELECT userdir.userquery_not(query) FROM saved') AS combined FROM saved;
RESET userdir.query_max_nodes;
CREATE ROLE test_searcher;
SET ROLE test_searcher;
SET userdir.query_max_nodes = 100000;
RESET ROLE;

-- Texts become queries where they are assigned, or on demand; never by themselves.
CREATE TABLE saved_segments (name text, query userquery, written varchar);
INSERT INTO saved_segments SELECT 'gold', 'plan:' || 'gold', NULL;
INSERT INTO saved_segments SELECT 'pl', 'lang:pl'::varchar, NULL;
UPDATE saved_segments SET written = query, name = name || '!';
SELECT name, query, written, query::text AS text, written::userquery AS query_again FROM saved_segments ORDER BY name;
SELECT pg_temp.try($$SELECT 'plan:gold'::text = 'plan:gold'::userdir.userquery$$) AS not_by_itself;
-- A literal beside a document is a query; jsonpath is meant when it is said so.
SELECT '{"a": 1}'::jsonb @@ 'a:1' AS query, '{"a": 1}'::jsonb @@ '$.a == 1'::jsonpath AS jsonpath, 'a:1' || 'b:2'::userquery AS operand,
       'a fat cat'::tsvector @@ 'cat & fat' AS full_text, pg_typeof('a' || 'b') AS texts;

-- Equality is that of the canonical texts; the order of conditions counts.
SELECT 'a:1 AND b:2'::userquery = '(a:1 && b:2)'::userquery AS equal, 'a:1 AND b:2'::userquery = 'b:2 AND a:1'::userquery AS other_order,
       'a:1'::userquery <> 'a:"1"'::userquery AS quoted, 'a:1'::userquery <> 'a:1'::userquery AS same;
SELECT count(*) AS queries, count(DISTINCT q::userquery) AS different FROM unnest(ARRAY['a:1 AND b:2', 'a:1 && b:2', '(a:1) AND b:2', 'a:1 b:2', 'a:1 OR b:2']) q;
SELECT q::userquery AS query, count(*) FROM unnest(ARRAY['a:1', 'a:(1)', 'b:1']) q GROUP BY q::userquery ORDER BY q::userquery::text;
-- They have an order too, so that they can be sorted and unique.
SELECT array_agg(q::userquery ORDER BY q::userquery) AS sorted, array_agg(q::userquery ORDER BY q::userquery DESC) AS reversed,
       'a:1'::userquery < 'a:10' AS less, 'a:1'::userquery <= 'a:1' AS less_or_equal, 'b:1'::userquery > 'a:2' AS greater, 'a:1'::userquery >= 'a:10' AS greater_or_equal
  FROM unnest(ARRAY['b:1', 'a:10', 'a:1', 'ä:1', '']) q;
CREATE TABLE unique_queries (query userquery PRIMARY KEY);
INSERT INTO unique_queries VALUES ('a:1 AND b:2'), ('a:1 OR b:2');
SELECT pg_temp.try($$INSERT INTO unique_queries VALUES ('a:1   &&   (b:2)')$$) AS twice;
SET enable_mergejoin = off; SET enable_nestloop = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM saved_segments a JOIN saved_segments b ON a.query = b.query;
SELECT count(*) FROM saved_segments a JOIN saved_segments b ON a.query = b.query;
RESET enable_mergejoin; RESET enable_nestloop;
CREATE TABLE divided (query userquery) PARTITION BY HASH (query);
CREATE TABLE divided_0 PARTITION OF divided FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE divided_1 PARTITION OF divided FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO divided SELECT ('a:' || i)::userquery FROM generate_series(1, 100) i;
SELECT count(*) AS rows, count(DISTINCT tableoid) AS partitions, count(*) FILTER (WHERE query = 'a:42') AS found FROM divided;

-- Queries made of queries.
SELECT 'a:1'::userquery && 'b:2' AS both, 'a:1'::userquery || 'b:2' AS either, !! 'a:1'::userquery AS complement, !! !! 'a:1'::userquery AS again,
       'a:1 b:2'::userquery && 'c:3' AS grouped, 'a:1 AND b:2'::userquery && 'c:3 AND d:4' AS flat, 'a:1 OR b:2'::userquery || 'c:3 d:4' AS flat_too,
       ''::userquery && 'a:1' AS from_nothing, ''::userquery && '' AS nothing, 'a:1'::userquery || '' AS everything, !! '+a:1 -b:2'::userquery AS of_signs,
       '+a:1 -b:2'::userquery || 'c:3' AS with_signs;
SELECT NULL::userquery && 'a:1' IS NULL AS null_and, !! NULL::userquery IS NULL AS null_not;
SELECT pg_temp.try(format('SELECT %L::userdir.userquery OPERATOR(userdir.&&) %L', long, long)) AS too_long
  FROM (SELECT 'a:' || repeat('x', 600 * 1024) AS long) l;
SELECT pg_temp.try(format('SELECT %L::userdir.userquery OPERATOR(userdir.||) %L', wide, wide)) AS too_wide
  FROM (SELECT string_agg('a:' || i, ' OR ') AS wide FROM generate_series(1, 11000) i) w;

-- The binary protocol takes the same texts, and nothing else.
SELECT userquery_send('a:1  b:2') AS sent, convert_from(userquery_send('ä:ö'), 'UTF8') AS text;
-- receive reads one value from the bytes of a binary COPY.
CREATE FUNCTION receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  message bytea := '\x5047434f50590aff0d0a000000000000000000'::bytea || '\x0001'::bytea || int4send(length(bytes)) || bytes || '\xffff'::bytea;
  file oid := lo_from_bytea(0, message);
  path text := current_setting('data_directory') || '/userquery_recv';
  answer text;
BEGIN
  PERFORM lo_export(file, path), lo_unlink(file);
  CREATE TEMP TABLE received (query userdir.userquery);
  answer := pg_temp.try(format('COPY received FROM %L (FORMAT binary)', path));
  IF answer = 'ok' THEN
    SELECT query::text INTO answer FROM received;
  END IF;
  DROP TABLE received;
  RETURN answer;
END $$;
SELECT bytes, receive(bytes) FROM unnest(ARRAY['a:1  b:2', '', 'a:(', '\xff', '\x613a00', '\x613af4908080', '\x613ac3', '\x0000000000', '\x613a5c', 'a:x^2']::bytea[]) bytes;
SELECT split_part(receive(convert_to(repeat('(', 1000000), 'UTF8')), ':', 1) AS deep, split_part(receive(convert_to('a:' || repeat('x', 2000000), 'UTF8')), ':', 1) AS long;
-- Random bytes: an error or a query, and never anything worse.
SELECT setseed(0.3) IS NOT NULL AS seeded;
SELECT count(*) AS tried, count(*) FILTER (WHERE answer ~ '^(UD020|UD021|22021|22P0[0-9]|54000): ' OR answer::userquery::text = answer) AS answered
  FROM (SELECT receive(string_agg(decode(lpad(to_hex((CASE WHEN random() < 0.5 THEN ascii(substr('ab:()"\*?[]{}TO+-!&|<>=/~^ ', 1 + (random() * 25)::integer, 1))
                                                           ELSE (random() * 255)::integer END)), 2, '0'), 'hex'), '')) AS answer
          FROM generate_series(1, 300) i, generate_series(1, 1 + i % 25) j GROUP BY i) r;
SELECT format('rm -f %L', current_setting('data_directory') || '/userquery_recv') AS cleanup \gset
COPY (SELECT 1 WHERE false) TO PROGRAM :'cleanup';

-- Nobody but those who were given it may use it.
SET ROLE test_searcher;
SELECT pg_temp.try($$SELECT userdir.userquery_not('a:1')$$) AS nobody;
RESET ROLE;
SELECT grant_to('test_searcher', 'reader');
SET ROLE test_searcher;
SELECT !! ('a:1'::userquery && 'b:2') AS reader, '{"a": 1}'::jsonb @@ 'a:1' AS matches;
CREATE TEMP TABLE own_segments (query userquery);
RESET ROLE;
SELECT revoke_from('test_searcher', 'reader');
DROP TABLE own_segments;
DROP ROLE test_searcher;
SET client_min_messages = warning;
DROP SCHEMA scratch CASCADE;
