-- document @@ query: what it means
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
CREATE SCHEMA scratch;
SET search_path = scratch, userdir;

CREATE TABLE meanings (document jsonb, query userquery, matches boolean);
INSERT INTO meanings VALUES
  -- missing, null, [] and {} match nothing and do not exist
  ('{"a": null, "b": [], "c": {}, "d": [null, [], {}], "e": [[null], [[{}]]]}', 'a:null OR a:x OR a:* OR b:* OR c:* OR d:* OR e:*', false),
  ('{"a": null, "b": [], "c": {}, "d": [null, [], {}], "e": [[null], [[{}]]]}', '_exists_:a OR _exists_:b OR _exists_:c OR _exists_:d OR _exists_:e OR _exists_:f OR _exists_:a.b', false),
  ('{"a": null, "b": [], "c": {}, "d": [null, [], {}], "e": [[null], [[{}]]]}', '_missing_:a AND _missing_:b AND _missing_:c AND _missing_:d AND _missing_:e AND _missing_:f', true),
  ('{"a": {"b": null}}', '_exists_:a', true), ('{"a": {"b": null}}', '_exists_:a.b', false), ('{"a": [[null, 0]]}', '_exists_:a', true),
  ('{"a": false}', '_exists_:a', true), ('{"a": 0}', 'a:*', true), ('{"a": ""}', '_exists_:a', true), ('{"a": [{}, {"b": null}]}', '_exists_:a', true),
  -- NOT is the complement
  ('{"a": "x"}', 'NOT a:x', false), ('{"a": "x"}', 'NOT a:y', true), ('{}', 'NOT a:x', true), ('[]', 'NOT a:x', true), ('null', '-a:x', true), ('{"a": ["x", "y"]}', 'NOT a:x', false),
  ('{}', '*:*', true), ('null', '', true), ('{}', 'NOT *:*', false),
  -- arrays are transparent at every level
  ('{"a": ["x", "y"]}', 'a:y', true), ('{"a": [[["x"], []], "y"]}', 'a:x', true), ('{"a": [{"b": "x"}, {"b": ["y", {"c": 1}]}]}', 'a.b:y AND a.b.c:1', true),
  ('[[{"a": "x"}], {"a": "y"}]', 'a:x AND a:y', true), ('{"a": [{"b": 1, "c": 2}, {"b": 3, "c": 4}]}', 'a.b:1 AND a.c:4', true), ('["x"]', 'a:x', false), ('"x"', 'a:x', false),
  ('{"a": {"0": "x"}}', 'a.0:x', true), ('{"a": ["x"]}', 'a.0:x', false),
  -- objects at the end of a path match nothing else
  ('{"a": {"b": "x"}}', 'a:x', false), ('{"a": {"b": "x"}}', 'a:*', true), ('{"a": {"b": "x"}}', 'a:?', false), ('{"a": {"x": "y"}}', 'a:[* TO z]', false),
  -- names are taken as they are
  ('{"a.b": "x"}', 'a.b:x', false), ('{"a.b": "x"}', 'a\.b:x', true), ('{"a b": {"ü": "x"}}', 'a\ b.ü:x', true), ('{"A": "x"}', 'a:x', false), ('{"a": {"": "x"}}', 'a.:x', true), ('{"": {"a": "x"}}', '.a:x', true),
  -- an unquoted term: the string, the number, the boolean; a quoted one: the string
  ('{"a": "x"}', 'a:x', true), ('{"a": "X"}', 'a:x', false), ('{"a": "xy"}', 'a:x', false), ('{"a": "x y"}', 'a:"x y"', true), ('{"a": "x y"}', 'a:x\ y', true), ('{"a": ""}', 'a:""', true),
  ('{"a": 13}', 'a:13', true), ('{"a": 13.0}', 'a:13', true), ('{"a": 1.3e1}', 'a:13', true), ('{"a": 13}', 'a:1.3e1', true), ('{"a": 13}', 'a:1300e-2', true), ('{"a": "13"}', 'a:13', true), ('{"a": "13.0"}', 'a:13', false),
  ('{"a": 13}', 'a:"13"', false), ('{"a": "13"}', 'a:"13"', true), ('{"a": 13}', 'a:013', false), ('{"a": "013"}', 'a:013', true), ('{"a": -7}', 'a:\-7', true), ('{"a": -7}', 'a:-7', true), ('{"a": 0}', 'a:-0', true),
  ('{"a": 9007199254740993}', 'a:9007199254740992', false), ('{"a": 9007199254740993}', 'a:9007199254740993', true), ('{"a": 0.1}', 'a:0.10000000000000000001', false),
  ('{"a": true}', 'a:true', true), ('{"a": "true"}', 'a:true', true), ('{"a": true}', 'a:"true"', false), ('{"a": true}', 'a:false', false), ('{"a": false}', 'a:false', true), ('{"a": true}', 'a:True', false), ('{"a": 1}', 'a:true', false),
  ('{"a": "null"}', 'a:null', true), ('{"a": null}', 'a:null', false), ('{"a": "x"}', 'a:(y OR x)', true), ('{"a": 2}', 'a:(1 2 3)', true), ('{"a": true}', 'a:(x OR true)', true),
  -- an unquoted partial date: any date in it
  ('{"a": "2021-04-05"}', 'a:2021-04', true), ('{"a": "2021-04-05"}', 'a:2021-04-05', true), ('{"a": "2021-04-05T23:59:59.999Z"}', 'a:2021-04-05', true), ('{"a": "2021-04-05 10:30:00"}', 'a:2021-04-05T10', true),
  ('{"a": "2021-04-05T10:30:59Z"}', 'a:2021-04-05T10:30', true), ('{"a": "2021-04-05T12:30:00+02:00"}', 'a:2021-04-05T10:30', true), ('{"a": "2021-04-05T00:30:00+0200"}', 'a:2021-04-04', true), ('{"a": "2021-04-05T00:30:00+02"}', 'a:2021-04-05', false),
  ('{"a": "2021-04-05T10:30:00Z"}', 'a:2021-04-05T10:30:00Z', true), ('{"a": "2021-04-05T10:30:00.000Z"}', 'a:2021-04-05T10:30:00Z', true), ('{"a": "2021-04-05T12:30:00+02:00"}', 'a:2021-04-05T10:30:00Z', true),
  ('{"a": "2021-05-01"}', 'a:2021-04', false), ('{"a": "2021-04"}', 'a:2021-04', true), ('{"a": "2021-04"}', 'a:2021-04-01', false), ('{"a": "2021-04-05T10"}', 'a:2021-04-05', false), ('{"a": "2021-04-31"}', 'a:2021-04', false), ('{"a": "2021-04-31"}', 'a:2021-04-31', true),
  ('{"a": "2021-04-05"}', 'a:"2021-04"', false), ('{"a": "2021-04-05"}', 'a:2021', false), ('{"a": 2021}', 'a:2021', true), ('{"a": "2021"}', 'a:2021', true), ('{"a": "on 2021-04-05"}', 'a:2021-04-05', false),
  -- wildcards: whole strings, case-sensitive, "?" is one character
  ('{"a": "Martinez"}', 'a:Mar*', true), ('{"a": "Martinez"}', 'a:mar*', false), ('{"a": "Martinez"}', 'a:*nez', true), ('{"a": "Martinez"}', 'a:*tin*', true), ('{"a": "Martinez"}', 'a:M*z', true), ('{"a": "Martinez"}', 'a:M*y', false),
  ('{"a": "Martinez"}', 'a:Martine?', true), ('{"a": "Martinez"}', 'a:Martinez?', false), ('{"a": "ä"}', 'a:?', true), ('{"a": "ä"}', 'a:??', false), ('{"a": ""}', 'a:?*', false), ('{"a": "*"}', 'a:\*', true), ('{"a": "x"}', 'a:\*', false),
  ('{"a": 13}', 'a:1*', false), ('{"a": true}', 'a:t*', false), ('{"a": "x.y"}', 'a:x.*', true), ('{"a": "xzy"}', 'a:x.*', false), ('{"a": ["u", "v"]}', 'a:v*', true), ('{"a": 13}', 'a:*', true), ('{"a": 13}', 'a:?*', false),
  -- ranges: by their bounds numbers, dates, or text by its bytes
  ('{"a": 5}', 'a:[5 TO 9]', true), ('{"a": 9}', 'a:[5 TO 9}', false), ('{"a": 5.0}', 'a:{5 TO 9]', false), ('{"a": 5.001}', 'a:{5 TO 9]', true), ('{"a": 1e2}', 'a:>99', true), ('{"a": 1e2}', 'a:>=100', true), ('{"a": 1e2}', 'a:>100', false), ('{"a": -3}', 'a:<0', true),
  ('{"a": "7"}', 'a:[5 TO 9]', false), ('{"a": 7}', 'a:["5" TO 9]', false), ('{"a": "7"}', 'a:["5" TO 9]', true), ('{"a": "10"}', 'a:["5" TO 9]', false), ('{"a": 7}', 'a:[5 TO x]', false), ('{"a": "7"}', 'a:[5 TO x]', true),
  ('{"a": 7}', 'a:[* TO *]', true), ('{"a": null}', 'a:[* TO *]', false), ('{"a": {"b": 1}}', 'a:[* TO *]', true), ('{"a": 7}', 'a:{* TO 9}', true), ('{"a": [1, 20]}', 'a:[5 TO 9]', false), ('{"a": [1, 7]}', 'a:[5 TO 9]', true),
  ('{"a": "2021-04-30T23:59:59.999Z"}', 'a:[2021-01 TO 2021-04]', true), ('{"a": "2021-05-01"}', 'a:[2021-01 TO 2021-04]', false), ('{"a": "2021-05-01"}', 'a:{2021-04 TO *]', true), ('{"a": "2021-04-30T23:59"}', 'a:{2021-04 TO *]', false),
  ('{"a": "2021-05-14T23:59:59Z"}', 'a:[* TO 2021-05-15}', true), ('{"a": "2021-05-15"}', 'a:[* TO 2021-05-15}', false), ('{"a": "2021-05-15T23:00"}', 'a:<=2021-05-15', true), ('{"a": "2021-04-05"}', 'a:[2020 TO 2022]', false), ('{"a": 2021}', 'a:[2020 TO 2022]', true),
  ('{"a": "2021-04-05"}', 'a:["2021-04" TO *]', true), ('{"a": "20210405"}', 'a:[2021-04 TO *]', false), ('{"a": "2021-04-05"}', 'a:[2021 TO 2021-12]', true),
  -- a bare year is a number by itself and beside another, but a year beside a date
  ('{"a": "2025-12-31T23:59:59.999Z"}', 'a:[2024-06 TO 2025]', true), ('{"a": "2026-01-01"}', 'a:[2024-06 TO 2025]', false), ('{"a": "2024-05-31"}', 'a:[2024-06 TO 2025]', false), ('{"a": "2024-12-31"}', 'a:[2024-06 TO 2025}', true), ('{"a": "2025-01-01"}', 'a:[2024-06 TO 2025}', false),
  ('{"a": "2023-01-01"}', 'a:[2023 TO 2024-06]', true), ('{"a": "2023-12-31"}', 'a:{2023 TO 2024-06]', false), ('{"a": "2024-01-01"}', 'a:{2023 TO 2024-06]', true), ('{"a": "2024-12-05"}', 'a:[2023 TO 2024-12]', true), ('{"a": 2024}', 'a:[2023 TO 2024-12]', false), ('{"a": "2024"}', 'a:[2023 TO 2024-12]', false),
  ('{"a": "2025-03-01"}', 'a:[2024-06 TO "2025"]', false), ('{"a": "2024-07-01"}', 'a:[2024-06 TO "2025"]', true), ('{"a": "2024-07-01"}', 'a:[2024-06 TO 20250]', true), ('{"a": "2024-07-01"}', 'a:>=2023', false), ('{"a": 2023.5}', 'a:>=2023', true), ('{"a": "2024-07-01"}', 'a:[* TO 2025]', false),
  ('{"a": "b"}', 'a:[a TO c]', true), ('{"a": "c"}', 'a:[a TO c}', false), ('{"a": "B"}', 'a:[a TO c]', false), ('{"a": "cc"}', 'a:[a TO c]', false), ('{"a": "ä"}', 'a:[a TO z]', false), ('{"a": "ä"}', 'a:>z', true), ('{"a": ""}', 'a:<a', true), ('{"a": "b"}', 'a:{b TO b]', false),
  -- several conditions
  ('{"a": "x", "b": 1}', 'a:x AND b:1', true), ('{"a": "x", "b": 1}', 'a:y OR b:1', true), ('{"a": "x", "b": 1}', 'a:y b:1', true), ('{"a": "x", "b": 1}', 'a:y AND NOT b:1', false), ('{"a": "x", "b": 1}', '+a:x -b:2 c:9', true), ('{"a": "x", "b": 1}', '+a:x -b:1', false),
  ('{"a": "x", "b": 1}', 'NOT (a:y OR b:2)', true), ('{"a": "x", "b": 1}', 'a:x AND (b:2 OR NOT _exists_:c)', true);
SELECT count(*) AS meanings, count(*) FILTER (WHERE document @@ query IS DISTINCT FROM matches) AS wrong,
       count(*) FILTER (WHERE document @@ !! query IS DISTINCT FROM NOT matches) AS wrong_complements FROM meanings;
SELECT document, query, matches AS expected FROM meanings WHERE document @@ query IS DISTINCT FROM matches;
-- A document in an array, or with others beside it, changes nothing.
SELECT count(*) FILTER (WHERE jsonb_build_array('x', jsonb_build_array(document)) @@ query IS DISTINCT FROM matches) AS wrong_in_arrays FROM meanings;
-- One call site with another query each time, and the same again and again.
SELECT count(*) FILTER (WHERE (m.document @@ n.query) IS DISTINCT FROM jsonb_matches(m.document, n.query::text::userquery)) AS different FROM meanings m, meanings n;

-- document @@= query: values without field are compared with the document itself.
SELECT document, query, document @@= query AS matches
  FROM (VALUES ('["vip", "new"]'::jsonb, 'vip'::userquery), ('["vip", "new"]', 'v*'), ('["vip", "new"]', 'vip AND NOT old'), ('"vip"', 'vip'), ('"vip"', '"VIP"'), ('13', '13.0'), ('[1, [7]]', '7'), ('true', 'true'),
               ('["2021-04-05"]', '2021-04'), ('{"a": "vip"}', 'vip'), ('{"a": "vip"}', 'a:vip'), ('[{"a": "vip"}, "new"]', 'a:vip AND new'), ('[]', 'vip'), ('[]', 'NOT vip'), ('null', '*')) v (document, query);

-- Errors: a value without field, wherever it stands, also where it would not be looked at.
SELECT q AS query, pg_temp.try(format('SELECT %L::jsonb OPERATOR(userdir.@@) %L', '{"a": 1}', q)) AS error
  FROM unnest(ARRAY['x', '"two words"', 'a:1 OR x*', 'a:2 AND (b:1 OR NOT x)', '*:x', 'a:1 OR ' || repeat('ä', 100)]) q;
SELECT NULL::jsonb @@ 'a:1' IS NULL AS null_document, '{}'::jsonb @@ NULL::userquery IS NULL AS null_query;

-- The meaning, spelled out a second time in SQL, on random documents and queries.
\set random_documents :abs_srcdir '/random_documents.sql'
\i :random_documents
SELECT setseed(0.5) IS NOT NULL AS seeded;
CREATE TABLE documents AS SELECT i AS id, random_document(4) AS document FROM generate_series(1, :ndocuments / 16) i;
CREATE TABLE queries AS SELECT i AS id, random_query(2) AS query FROM generate_series(1, :nqueries / 8) i;
ALTER TABLE queries ADD written text;
UPDATE queries SET written = query_text(query);
SELECT count(*) FILTER (WHERE matches) BETWEEN count(*) / 20 AND count(*) * 2 / 3 AS enough_matches, count(*) FILTER (WHERE matches <> expected) AS wrong,
       min(format('%s @@ %s', document, written)) FILTER (WHERE matches <> expected) AS example
  FROM (SELECT document, written, document @@ written::userquery AS matches, means(document, query) AS expected FROM documents, queries) p;
-- Combined queries are what their operators say.
SELECT count(*) FILTER (WHERE document @@ (a.written::userquery && b.written::userquery) <> (document @@ a.written::userquery AND document @@ b.written::userquery)) AS wrong_and,
       count(*) FILTER (WHERE document @@ (a.written::userquery || b.written::userquery) <> (document @@ a.written::userquery OR document @@ b.written::userquery)) AS wrong_or,
       count(*) FILTER (WHERE document @@ !! a.written::userquery <> NOT document @@ a.written::userquery) AS wrong_not
  FROM documents, queries a JOIN queries b ON b.id = a.id + 1;

-- Large and deep documents.
SELECT '{"a": 1}'::jsonb || jsonb_build_object('big', (SELECT jsonb_agg(i) FROM generate_series(1, 200000) i)) @@ 'big:200000 AND NOT big:200001 AND a:1' AS big_array;
SELECT (SELECT jsonb_object_agg('member' || i, i) FROM generate_series(1, 50000) i) @@ 'member49999:49999 AND NOT member50001:*' AS big_object;
SELECT jsonb_build_object('a', repeat('x', 5000000) || 'y') @@ 'a:x*xy AND NOT a:x*z' AS big_string;
SELECT (repeat('[', 5000) || '{"a": 1}' || repeat(']', 5000))::jsonb @@ 'a:1' AS deep_array,
       (repeat('{"a": ', 2000) || '1' || repeat('}', 2000))::jsonb @@ (repeat('a.', 1999) || 'a:1')::userquery AS deep_object;
-- Whatever takes long can be interrupted.
SET statement_timeout = '100ms';
SELECT jsonb_build_object('a', repeat('a', 5000000)) @@ ('a:*' || repeat('a?', 400) || 'b*')::userquery AS pattern;
SELECT count(*) AS rows FROM generate_series(1, 1000000000) i WHERE jsonb_build_object('a', i) @@ 'a:\-1';
SELECT jsonb_build_object('a', (SELECT jsonb_agg(repeat('x', i % 100)) FROM generate_series(1, 100000) i)) @@ (SELECT string_agg('a:*y' || i || '?', ' OR ') FROM generate_series(1, 400) i)::userquery AS elements;
RESET statement_timeout;
SET client_min_messages = warning;
DROP SCHEMA random_documents, scratch CASCADE;
