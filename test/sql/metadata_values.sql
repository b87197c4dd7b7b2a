-- The values at a path of a document: metadata_text() and its siblings
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set random_documents :abs_srcdir '/random_documents.sql'
\i :random_documents
SET search_path = public, random_documents, userdir;
CREATE TEMP TABLE document AS SELECT '{"s": "text", "n": 12.50, "t": true, "f": false, "z": null, "d": "2024-03-05", "o": {"s": "in", "a.b": "dot", "": "empty", "x": {"y": "deep"}},
  "a": ["first", {"s": "no"}], "e": {}, "l": [], "v": ""}'::jsonb AS d;
SELECT metadata_text(d, 's') AS s, metadata_text(d, 'o', 's') AS o_s, metadata_text(d, 'o', 'x', 'y') AS o_x_y, metadata_text(d, 'o', 'a.b') AS dot, metadata_text(d, 'o', '') AS empty_name, metadata_text(d, 'v') = '' AS empty_text,
       metadata_number(d, 'n') AS n, metadata_boolean(d, 't') AS t, metadata_boolean(d, 'f') AS f, metadata_date(d, 'd') = '2024-03-05Z' AS d FROM document;
-- Another type, nothing, a path through or to an array, or no path: null, and never an error.
SELECT count(*) AS calls, count(*) FILTER (WHERE metadata_text(d, VARIADIC p) IS NOT NULL OR metadata_number(d, VARIADIC p) IS NOT NULL OR metadata_boolean(d, VARIADIC p) IS NOT NULL OR metadata_date(d, VARIADIC p) IS NOT NULL) AS not_null
  FROM document, (VALUES ('{z}'::text[]), ('{o}'), ('{a}'), ('{a,0}'), ('{a,s}'), ('{a,1,s}'), ('{e}'), ('{e,x}'), ('{l}'), ('{none}'), ('{s,x}'), ('{o,none}'), ('{NULL}'), ('{o,NULL}'), ('{}'), (NULL), ('{S}'), ('{o,x,y,z}')) x (p);
SELECT metadata_text(d, 'n') AS text_of_number, metadata_number(d, 's') AS number_of_text, metadata_boolean(d, 'n') AS boolean_of_number, metadata_date(d, 's') AS date_of_text FROM document;
SELECT metadata_text('"scalar"', VARIADIC '{}') AS scalar, metadata_number('7', VARIADIC '{}') AS seven, metadata_text('"scalar"', 'x') AS below, metadata_text('[{"x": "y"}]', 'x') AS in_array, metadata_text(d, VARIADIC '{{o,s},{x,y}}') AS two_dimensions,
       metadata_text(d, VARIADIC '[5:6]={o,s}') AS other_bounds, metadata_text(NULL, 'x') AS of_null FROM document;

-- Dates are those of searches, whatever TimeZone and DateStyle say.
SET TimeZone = 'America/Lima'; SET DateStyle = 'SQL, DMY';
CREATE TEMP TABLE dates AS SELECT v, jsonb_build_object('d', v) AS d FROM unnest('{2024-03-05,2024-03-05T10:30,2024-03-05 10:30:07,2024-03-05T10:30:07.25Z,2024-03-05T10:30:07.1234567+02:00,2024-03-05T10:30-0930,0001-01-01T00:00+15:59,9999-12-31T23:59:59.999999-15:59,2024-02-29,
  2024,2024-03,2024-03-05T10,2024-02-30,2023-02-29,05/03/2024,2024-3-5,now,infinity,2024-03-05t10:30,2024-03-05T24:00,2024-03-05T10:30:60,"2024-03-05 ",""}'::text[]) v;
SELECT v, metadata_date(d, 'd') AT TIME ZONE 'UTC' AS utc FROM dates;
SELECT count(*) FILTER (WHERE metadata_date(d, 'd') IS DISTINCT FROM instant(d ->> 'd')) AS differ_from_search FROM dates WHERE v !~ ':60|[.]\d{7}';
SELECT count(*) FILTER (WHERE (metadata_date(d, 'd') >= '2024-03-05Z' AND metadata_date(d, 'd') < '2024-03-06Z') IS TRUE <> (d @@ 'd:[2024-03-05 TO 2024-03-05]')) AS differ FROM dates;
RESET TimeZone; RESET DateStyle;

-- Nothing is too long for an index; what is longer than it holds is null.
SELECT length, metadata_text(d, 's') IS NULL AS is_null FROM (SELECT length, jsonb_build_object('s', repeat('x', length)) AS d FROM unnest('{0,2000,2001,100000}'::integer[]) length) x;
SELECT digits, metadata_number(d, 'n') IS NULL AS is_null, metadata_number(d, 'n') = repeat('7', digits)::numeric AS same FROM (SELECT digits, jsonb_build_object('n', repeat('7', digits)::numeric) AS d FROM unnest('{1,40,3900,4100,131072}'::integer[]) digits) x;
SELECT metadata_number('{"n": 1e131000}', 'n') = 10::numeric ^ 131000 AS huge, metadata_number('{"n": -0.000}', 'n') AS zero, metadata_number(jsonb_build_object('n', rpad('1.', 16000, '0')::numeric), 'n') = 1 AS one;

-- Sort keys: as #> says, but for JSON's null and what is long.
SELECT p, metadata_sort_key(d, VARIADIC p), metadata_sort_key(d, VARIADIC p) IS NOT DISTINCT FROM nullif(d #> p, 'null') AS same
  FROM document, (VALUES ('{s}'::text[]), ('{n}'), ('{t}'), ('{z}'), ('{o}'), ('{o,x}'), ('{a}'), ('{a,0}'), ('{a,-1,s}'), ('{a,s}'), ('{e}'), ('{l}'), ('{none}'), ('{s,x}'), ('{o,NULL}'), (NULL)) x (p);
SELECT metadata_sort_key('"s"', VARIADIC '{}') AS scalar, metadata_sort_key('null', VARIADIC '{}') AS json_null, metadata_sort_key('[1, 2]', VARIADIC '{}') AS whole;
SELECT length(metadata_sort_key(jsonb_build_object('s', repeat('x', 100000)), 's') #>> '{}') AS of_long, octet_length(metadata_sort_key(jsonb_build_object('s', 'a' || repeat('ä', 1000)), 's') #>> '{}') AS whole_characters,
       metadata_sort_key(jsonb_build_object('n', repeat('7', 3000)::numeric), 'n') AS long_number, metadata_sort_key(jsonb_build_object('a', (SELECT jsonb_agg(i) FROM generate_series(1, 1000) i)), 'a') AS long_array;

-- Random documents, against the same in SQL.
CREATE FUNCTION reached(document jsonb, path text[]) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  FOR i IN 1 .. cardinality(path) LOOP
    document := CASE WHEN jsonb_typeof(document) = 'object' THEN document -> path[i] END;
  END LOOP;
  RETURN document;
END $$;
SELECT setseed(0.75) IS NOT NULL AS seeded;
CREATE TEMP TABLE samples AS SELECT random_document(4) AS d, ARRAY(SELECT jsonb_array_elements_text(random_path())) AS p FROM generate_series(1, 20000);
CREATE TEMP TABLE judged AS
SELECT d, p, r, jsonb_typeof(r) AS type, r #>> '{}' AS text, metadata_text(d, VARIADIC p) AS t, metadata_number(d, VARIADIC p) AS n, metadata_boolean(d, VARIADIC p) AS b, metadata_date(d, VARIADIC p) AS at, metadata_sort_key(d, VARIADIC p) AS k
  FROM (SELECT d, p, reached(d, p) AS r FROM samples) s;
SELECT count(t) > 100 AND count(n) > 100 AND count(b) > 50 AND count(at) > 20 AS enough,
       count(*) FILTER (WHERE t IS DISTINCT FROM CASE type WHEN 'string' THEN text END) AS wrong_texts,
       count(*) FILTER (WHERE n IS DISTINCT FROM CASE type WHEN 'number' THEN text::numeric END) AS wrong_numbers,
       count(*) FILTER (WHERE b IS DISTINCT FROM CASE type WHEN 'boolean' THEN text::boolean END) AS wrong_booleans,
       count(*) FILTER (WHERE at IS DISTINCT FROM CASE type WHEN 'string' THEN instant(text) END) AS wrong_dates,
       count(*) FILTER (WHERE k IS DISTINCT FROM nullif(d #> p, 'null')) AS wrong_keys FROM judged;
SET client_min_messages = warning;
DROP SCHEMA random_documents CASCADE;
