-- The operator class jsonb_query_ops: an index finds what a sequential scan finds
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set random_documents :abs_srcdir '/random_documents.sql'
\i :random_documents
CREATE SCHEMA scratch;
SET search_path = scratch, random_documents, userdir;
SELECT opcname, amvalidate(oid) AS valid FROM pg_opclass WHERE opcnamespace = 'userdir'::regnamespace AND opcname = 'jsonb_query_ops';

-- found returns the ids that a condition finds; how: "index" must use one, "scan" may not.
CREATE FUNCTION found(relation text, condition text, how text) RETURNS integer[] LANGUAGE plpgsql AS $$
DECLARE
  ids integer[];
  plan text;
BEGIN
  PERFORM set_config('enable_seqscan', CASE how WHEN 'scan' THEN 'on' ELSE 'off' END, true), set_config('enable_bitmapscan', CASE how WHEN 'scan' THEN 'off' ELSE 'on' END, true);
  EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM %s WHERE %s', relation, condition) INTO plan;
  IF (plan ~ 'Bitmap Index Scan') IS DISTINCT FROM (how = 'index') THEN
    RAISE EXCEPTION 'wrong plan for %: %', condition, plan;
  END IF;
  EXECUTE format('SELECT coalesce(array_agg(id ORDER BY id), ''{}'') FROM %s WHERE %s', relation, condition) INTO ids;
  RETURN ids;
END $$;

-- Random documents and queries. First all documents are in the tree of the index, then some in its
-- pending list, then all are changed and vacuumed.
SELECT setseed(0.25) IS NOT NULL AS seeded;
CREATE TABLE documents (id integer, document jsonb);
INSERT INTO documents SELECT i, random_document(4) FROM generate_series(1, :ndocuments) i;
INSERT INTO documents SELECT i, NULL FROM generate_series(2001, 2010) i;
CREATE INDEX documents_index ON documents USING gin (document jsonb_query_ops);
CREATE TABLE queries AS SELECT i AS id, format('document @@ %L', query_text(random_query(3))) AS condition FROM generate_series(1, :nqueries) i;
CREATE TABLE answers AS SELECT id, condition, found('documents', condition, 'scan') AS ids FROM queries;
SELECT count(*) FILTER (WHERE cardinality(ids) BETWEEN 1 AND :ndocuments - 1) > :nqueries / 8 AS enough_that_part, count(*) FILTER (WHERE ids <> again) AS wrong, min(condition) FILTER (WHERE ids <> again) AS example
  FROM (SELECT *, found('documents', condition, 'index') AS again FROM answers) a;
INSERT INTO documents SELECT i, random_document(4) FROM generate_series(3001, 3000 + :ndocuments / 8) i;
DELETE FROM documents WHERE id % 7 = 0;
SELECT count(*) FILTER (WHERE found('documents', condition, 'scan') <> found('documents', condition, 'index')) AS wrong_with_pending FROM answers WHERE id <= :nqueries / 4;
UPDATE documents SET document = random_document(4) WHERE id % 3 = 0;
SELECT count(*) FILTER (WHERE found('documents', condition, 'scan') <> found('documents', condition, 'index')) AS wrong_with_more FROM answers WHERE id <= :nqueries / 4;
SELECT gin_clean_pending_list('documents_index') > 0 AS cleaned;
VACUUM documents;
SELECT count(*) FILTER (WHERE found('documents', condition, 'scan') <> found('documents', condition, 'index')) AS wrong_after_vacuum FROM answers WHERE id <= :nqueries / 4;
ALTER INDEX documents_index SET (fastupdate = off);
INSERT INTO documents SELECT i, random_document(4) FROM generate_series(4001, 4000 + :ndocuments / 8) i;
SELECT count(*) FILTER (WHERE found('documents', condition, 'scan') <> found('documents', condition, 'index')) AS wrong_without_fastupdate FROM answers WHERE id > :nqueries - :nqueries / 4;
-- The operator for values of their own, and several conditions at once, which GIN combines.
SELECT count(*) FILTER (WHERE found('documents', replace(condition, '@@', '@@='), 'scan') <> found('documents', replace(condition, '@@', '@@='), 'index')) AS wrong_values FROM answers WHERE id <= :nqueries / 6;
SELECT count(*) FILTER (WHERE found('documents', condition, 'scan') <> found('documents', condition, 'index')) AS wrong_values
  FROM (SELECT format('document @@= %L', value_text(random_value(), random() < 0.3)) AS condition FROM generate_series(1, :nqueries / 6)) v;
SELECT count(*) FILTER (WHERE found('documents', joined, 'scan') <> found('documents', joined, 'index')) AS wrong_both
  FROM (SELECT a.condition || ' AND ' || b.condition || ' AND NOT ' || c.condition AS joined FROM answers a JOIN answers b ON b.id = a.id + 1 JOIN answers c ON c.id = a.id + 2 WHERE a.id <= :nqueries / 10) c;
SELECT count(*) FILTER (WHERE found('documents', joined, 'scan') <> found('documents', joined, 'index')) AS wrong_either
  FROM (SELECT a.condition || ' OR ' || b.condition AS joined FROM answers a JOIN answers b ON b.id = a.id + 1 WHERE a.id <= :nqueries / 10) c;
-- With little memory the bitmaps of walks get lossy.
SET work_mem = '64kB';
SELECT count(*) FILTER (WHERE found('documents', condition, 'scan') <> found('documents', condition, 'index')) AS wrong_when_lossy FROM answers WHERE id <= :nqueries / 20;
RESET work_mem;

-- Strings that are too long for a key, and equal as far as one goes; some even in their hash.
CREATE TABLE long_strings (id integer, document jsonb);
INSERT INTO long_strings SELECT i, jsonb_build_object('a', repeat('y', 48) || i) FROM generate_series(1, 250000) i
 WHERE hashtext(repeat('y', 48) || i) IN (SELECT hashtext(repeat('y', 48) || j) FROM generate_series(1, 250000) j GROUP BY 1 HAVING count(*) > 1);
SELECT count(*) >= 2 AS strings_with_a_common_key FROM long_strings;
INSERT INTO long_strings SELECT -i, jsonb_build_object('a', repeat('y', i)) FROM generate_series(40, 60) i;
INSERT INTO long_strings SELECT 1000000 + i, jsonb_build_object('a', repeat('y', 48) || repeat('z', i)) FROM generate_series(0, 10) i;
CREATE INDEX ON long_strings USING gin (document jsonb_query_ops);
SELECT count(*) AS strings, count(*) FILTER (WHERE found('long_strings', condition, 'index') <> found('long_strings', condition, 'scan')) AS wrong,
       count(*) FILTER (WHERE NOT found('long_strings', condition, 'index') @> ARRAY[id]) AS not_found
  FROM (SELECT id, format('document @@ %L', format('a:"%s"', document ->> 'a')) AS condition FROM long_strings) c;
SELECT pattern, cardinality(found('long_strings', condition, 'index')) AS rows, found('long_strings', condition, 'index') = found('long_strings', condition, 'scan') AS right_
  FROM (SELECT replace(pattern, repeat('y', 48), '<48>') AS pattern, format('document @@ %L', 'a:' || pattern) AS condition
          FROM unnest(ARRAY[repeat('y', 47) || '*', repeat('y', 48) || '*', repeat('y', 49) || '*', repeat('y', 48) || 'z*', repeat('y', 48) || 'z?', '*z', '*yz*', repeat('?', 48), repeat('?', 49),
                            '[' || repeat('y', 48) || ' TO ' || repeat('y', 48) || ']', '{' || repeat('y', 48) || ' TO ' || repeat('y', 49) || ']', '[' || repeat('y', 48) || 'z TO *]', '{' || repeat('y', 48) || 'z TO ' || repeat('y', 48) || 'zzz}',
                            '[* TO ' || repeat('y', 50) || ']', '[* TO ' || repeat('y', 48) || '}']) pattern) p;

-- Numbers that are too long for a key, huge ones and tiny ones: in the order of their values.
CREATE TABLE numbers (id integer, document jsonb);
INSERT INTO numbers SELECT row_number() OVER (), jsonb_build_object('a', sign * n)
  FROM (SELECT 10::numeric ^ e AS n FROM generate_series(-300, 300, 7) e UNION SELECT 10::numeric ^ e FROM unnest('{-16000,16000,131000,-2,-1,0,1,2,3}'::numeric[]) e UNION SELECT i FROM generate_series(0, 210) i UNION SELECT i / 100.0 FROM generate_series(1, 110) i
        UNION SELECT repeat('12', 20)::numeric + i / 8.0 FROM generate_series(-9, 9) i UNION SELECT (repeat('12', 20) || '00')::numeric + i FROM generate_series(-9, 9) i UNION SELECT (repeat('1', 39))::numeric + i / 8.0 FROM generate_series(-9, 9) i) n,
       (VALUES (1), (-1)) s (sign) WHERE n > 0 OR sign > 0;
CREATE INDEX ON numbers USING gin (document jsonb_query_ops);
SELECT count(*) > 700 AS enough_numbers, count(*) FILTER (WHERE found('numbers', equal, 'index') <> ARRAY[id]) AS wrong_equal,
       count(*) FILTER (WHERE cardinality(found('numbers', less, 'index')) <> rank) AS wrong_less, count(*) FILTER (WHERE cardinality(found('numbers', at_least, 'index')) <> total - rank) AS wrong_at_least
  FROM (SELECT id, (rank() OVER (ORDER BY (document -> 'a')::numeric) - 1)::integer AS rank, (count(*) OVER ())::integer AS total,
               format('document @@ %L', 'a:' || escaped(document ->> 'a')) AS equal, format('document @@ %L', 'a:<' || escaped(document ->> 'a')) AS less, format('document @@ %L', 'a:>=' || escaped(document ->> 'a')) AS at_least FROM numbers) n;

-- Paths that nearly are each other.
CREATE TABLE paths (id integer, document jsonb);
INSERT INTO paths SELECT row_number() OVER (), d::jsonb FROM unnest(ARRAY['{"ab": {"c": 1}}', '{"a": {"bc": 1}}', '{"abc": 1}', '{"a.bc": 1}', '{"a": {"b": {"c": 1}}}', '{"": {"abc": 1}}', '{"abc": {"": 1}}', '{"a": {"": {"bc": 1}}}', '1', '[1]', '{"": 1}', '{"": {"": 1}}']
  || ARRAY(SELECT format('{"%s": 1}', repeat('p', i)) FROM generate_series(20, 30) i) || ARRAY(SELECT format('{"%s": {"%s": 1}}', repeat('p', i), repeat('p', 29 - i)) FROM generate_series(1, 28) i)) d;
CREATE INDEX ON paths USING gin (document jsonb_query_ops);
SELECT count(*) AS paths, count(*) FILTER (WHERE found('paths', condition, 'index') <> found('paths', condition, 'scan')) AS wrong, count(*) FILTER (WHERE cardinality(found('paths', condition, 'index')) = 1) AS found_alone
  FROM (SELECT format('document @@ %L', path || suffix) AS condition
          FROM unnest(ARRAY['ab.c', 'a.bc', 'abc', 'a\.bc', 'a.b.c', '.abc', 'abc.', 'a..bc', '.'] || ARRAY(SELECT repeat('p', i) FROM generate_series(20, 30) i) || ARRAY(SELECT repeat('p', i) || '.' || repeat('p', 29 - i) FROM generate_series(1, 28) i)) path,
               unnest('{:1,:>0}'::text[]) suffix) c;
SELECT found('paths', $$document @@= '1'$$, 'index') = found('paths', $$document @@= '1'$$, 'scan') AS values_right, cardinality(found('paths', $$document @@= '1'$$, 'index')) AS rows;

-- The index alone decides where keys tell everything; where they do not, rows are looked at.
CREATE FUNCTION removed(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  result text := 'none';
BEGIN
  PERFORM set_config('enable_seqscan', 'off', true);
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT FROM plain WHERE ' || condition LOOP
    IF line ~ 'Removed by Index Recheck' THEN
      result := trim(line);
    END IF;
  END LOOP;
  RETURN result;
END $$;
CREATE TABLE plain AS SELECT i AS id, jsonb_build_object('n', i, 's', 's' || i, 'b', i % 2 = 0, 'd', date '2021-01-01' + i, 'o', jsonb_build_object('t', ARRAY['x', 'y' || i % 3])) AS document FROM generate_series(1, 300) i;
CREATE INDEX ON plain USING gin (document jsonb_query_ops);
SELECT q AS query, removed(format('document @@ %L', q)) AS removed
  FROM unnest(ARRAY['n:7', 's:s7', 'b:true', 'd:2021-03', 'o.t:y1', '_exists_:o', 's:s1*', 's:*7', 's:s?7', 'n:[10 TO 20}', 'n:>5.5', 's:[s1 TO s2}', 'd:{2021-02 TO 2021-05-15]', 'b:true AND NOT o.t:y1', 'NOT b:true', 'NOT _exists_:x', 'n:(1 2 3) OR s:s9',
                    'b:true AND NOT n:>100', 'NOT s:*7 AND b:true', '*:*', 'NOT *:*']) q;

-- A condition that nothing can match, one that everything does, and many at once.
SELECT cardinality(found('plain', $$document @@ 'NOT *:*'$$, 'index')) AS none, cardinality(found('plain', $$document @@ '*:*'$$, 'index')) AS every;
SELECT cardinality(found('plain', format('document @@ %L', (SELECT string_agg('s:s' || i, ' OR ') FROM generate_series(1, 9999) i)), 'index')) AS one_field,
       cardinality(found('plain', format('document @@ %L', (SELECT string_agg(format('n%s:1 OR s:s%s', i, i), ' OR ') FROM generate_series(1, 5000) i)), 'index')) AS many_fields,
       cardinality(found('plain', format('document @@ %L', (SELECT string_agg('NOT s:s' || i, ' AND ') FROM generate_series(1, 4999) i)), 'index')) AS none_of_many,
       cardinality(found('plain', format('document @@ %L', 'n:>0 AND ' || (SELECT string_agg('n:<' || i, ' AND ') FROM generate_series(200, 2000) i)), 'index')) AS ranges;
-- Large documents, deep ones, and such as have a long array.
INSERT INTO plain VALUES (1001, jsonb_build_object('big', (SELECT jsonb_agg(i || repeat('x', i % 60)) FROM generate_series(1, 50000) i))), (1002, (repeat('{"deep": ', 2000) || '"x"' || repeat('}', 2000))::jsonb),
                         (1003, (repeat('[', 5000) || '"x"' || repeat(']', 5000))::jsonb), (1004, jsonb_build_object(repeat('name', 1000), repeat('value', 100000))), (1005, '{"n": "\u0001\u007f"}');
SELECT found('plain', format('document @@ %L', 'big:777' || repeat('x', 777 % 60)), 'index') AS big, found('plain', format('document @@ %L', repeat('deep.', 1999) || 'deep:x'), 'index') AS deep, found('plain', $$document @@= 'x'$$, 'index') AS nested,
       found('plain', format('document @@ %L', repeat('name', 1000) || ':' || repeat('value', 100000)), 'index') AS long, found('plain', format('document @@ %L', repeat('name', 1000) || ':' || repeat('value', 20) || '*'), 'index') AS long_prefix;
SELECT pg_temp.try($$SELECT scratch.found('plain', 'document @@ ''x''', 'index')$$) AS bare;
-- How deep a document is, is no matter of the stack: the walks through it take as good as none.
CREATE TABLE stored AS SELECT * FROM plain WHERE id IN (1002, 1003);
INSERT INTO stored VALUES (1006, (repeat('{"a": [', 1500) || '7, "end"' || repeat(']}', 1500))::jsonb), (1007, (repeat('[0, ', 3000) || '{"a": "end"}' || repeat(', 1]', 3000))::jsonb);
CREATE TABLE deepest (id integer, document jsonb);
CREATE INDEX ON deepest USING gin (document jsonb_query_ops);
SET max_stack_depth = '100kB';
INSERT INTO deepest SELECT * FROM stored;
SET enable_seqscan = off;
SELECT name, (SELECT array_agg(id ORDER BY id) FROM deepest WHERE document @@ query) AS found, (SELECT array_agg(id ORDER BY id) FROM stored WHERE document @@ query) AS scanned
  FROM (VALUES ('objects', (repeat('deep.', 1999) || 'deep:x')::userquery), ('no end', (repeat('deep.', 1998) || 'deep:x')::userquery), ('both', (repeat('a.', 1499) || 'a:(end AND 7)')::userquery),
               ('on the way', ('_exists_:' || repeat('a.', 700) || 'a')::userquery), ('in arrays', 'a:end'), ('the first', 'NOT a:"7" AND NOT _exists_:deep')) q (name, query);
SELECT query, (SELECT array_agg(id ORDER BY id) FROM deepest WHERE document @@= query) AS found, (SELECT array_agg(id ORDER BY id) FROM stored WHERE document @@= query) AS scanned FROM unnest('{x,0,1,2,NOT 1}'::userquery[]) query;
RESET enable_seqscan;
RESET max_stack_depth;
-- It can be interrupted.
SET statement_timeout = '100ms';
SET enable_seqscan = off;
SELECT count(*) FROM plain WHERE document @@ ('big:*' || repeat('x?', 450) || 'y')::userquery;
RESET statement_timeout;
RESET enable_seqscan;

-- Every kind of table: unlogged, temporary, partitioned; several columns; expressions; partial indexes.
CREATE UNLOGGED TABLE of_unlogged AS SELECT * FROM plain WHERE id <= 300;
CREATE INDEX ON of_unlogged USING gin (document jsonb_query_ops);
CREATE TEMP TABLE of_temporary AS SELECT * FROM plain WHERE id <= 300;
CREATE INDEX ON of_temporary USING gin (document jsonb_query_ops) WITH (fastupdate = off);
CREATE TABLE of_parts (id integer, document jsonb) PARTITION BY RANGE (id);
CREATE TABLE of_parts_1 PARTITION OF of_parts FOR VALUES FROM (0) TO (150);
CREATE TABLE of_parts_2 PARTITION OF of_parts FOR VALUES FROM (150) TO (1000);
CREATE INDEX ON of_parts USING gin (document jsonb_query_ops);
INSERT INTO of_parts SELECT * FROM plain WHERE id <= 300;
CREATE TABLE of_columns AS SELECT id, document, jsonb_build_object('s', 'other' || id) AS other FROM plain WHERE id <= 300;
CREATE INDEX ON of_columns USING gin (document jsonb_query_ops, other jsonb_query_ops, (document -> 'o') jsonb_query_ops) WHERE id > 100;
SELECT relation, cardinality(found(relation, 'document @@ ''n:>250 AND o.t:y1''', 'index')) AS rows, found(relation, 'document @@ ''n:>250 AND o.t:y1''', 'index') = found(relation, 'document @@ ''n:>250 AND o.t:y1''', 'scan') AS right_
  FROM unnest('{of_unlogged,of_temporary,of_parts}'::text[]) relation;
SELECT found('of_columns', $$id > 100 AND document @@ 's:s1*' AND other @@ 's:*9' AND document -> 'o' @@ 't:y0'$$, 'index') AS several_columns;
SELECT found('of_columns', $$id > 100 AND (document @@ 's:s111' OR other @@ 's:other112')$$, 'index') AS either_column;

-- What a transaction takes back is not found, and what it has not yet committed is.
BEGIN;
INSERT INTO plain VALUES (2001, '{"n": 2001}');
SAVEPOINT s;
INSERT INTO plain VALUES (2002, '{"n": 2002}');
ROLLBACK TO s;
SELECT found('plain', $$document @@ 'n:>2000'$$, 'index') AS inside;
ROLLBACK;
SELECT found('plain', $$document @@ 'n:>2000'$$, 'index') AS outside;
REINDEX TABLE plain;
SELECT cardinality(found('plain', $$document @@ 's:s1*'$$, 'index')) AS after_reindex;
SET client_min_messages = warning;
DROP SCHEMA random_documents, scratch CASCADE;
