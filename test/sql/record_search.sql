-- row @@ query: what a query means on the columns of a row, and what is wrong with one
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SET search_path = public, userdir;
SET timezone = 'America/St_Johns';
SET datestyle = 'ISO, YMD';

CREATE TYPE mood AS ENUM ('sad', 'ok', 'So Happy');
CREATE DOMAIN address AS text;
CREATE TABLE people (id integer PRIMARY KEY, gone text, email address, username text, name varchar(40), label char(6), age smallint, balance bigint, ratio real, score double precision,
                     amount numeric, joined timestamptz, seen timestamp, born date, fine boolean, ip inet, net cidr, key uuid, mood mood, doc jsonb, raw json, tags text[], marks integer[], "odd.name" text, at point);
ALTER TABLE people DROP COLUMN gone;
INSERT INTO people VALUES
  (1, 'Ann@Corp.test', 'ann', 'Ann Lee', 'ab', 5, 5, 0.1, 0.1, 5.0, '2021-04-05 10:30:00.5Z', '2021-04-05 10:30:00.5', '2021-04-05', true, '10.0.0.1', '10.0.0.0/8', 'c4ca4238-a0b9-2382-0dcc-509a6f75849b', 'ok',
   '{"plan": "gold", "n": 5, "list": [{"x": "a"}, {"x": [7, "b"]}]}', '{"plan": "gold"}', '{red,Blue}', '{5,7}', 'dotted', '(1,2)'),
  (2, 'x@ann@mail.corp.test', 'Ann', 'ANN LEE', 'ab c', -3, -9223372036854775808, 'Infinity', 'NaN', 7.25, '2021-04-30 23:59:59.999Z', '2021-05-01', '2021-04-30', false, '10.0.0.2', '10.1.0.0/16',
   '00000000-0000-0000-0000-000000000000', 'So Happy', '["gold", 5, {"plan": "free"}]', '["gold"]', '{}', '{NULL}', '', NULL),
  (3, 'nobody', '*', 'a*b?\c', '', 0, 0, 0, 0, 0, 'infinity', '-infinity', 'infinity', NULL, '2001:db8::1', '2001:db8::/32', NULL, 'sad', '{"plan": null, "list": [], "o": {}}', 'null', '{"red",NULL}', '{{1,2},{3,4}}', 'Dotted', NULL),
  (4, '', '', '', NULL, NULL, 9223372036854775807, 3.4e38, 1e308, 1e30, '0044-03-15 12:00:00Z BC', '2021-12-31 23:59:59.999999', '2022-01-01', false, '10.0.0.1/8', '0.0.0.0/0', NULL, NULL, 'null', '{}', '{"a,b"}', '{}', NULL, NULL),
  (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
-- Whoever a query finds: as a condition, and in memory; both must say the same.
CREATE FUNCTION found(query userquery) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  as_condition integer[];
  in_memory integer[];
BEGIN
  EXECUTE format('SELECT array_agg(id ORDER BY id) FROM people p WHERE p @@ %L', query) INTO as_condition;
  EXECUTE format('SELECT array_agg(id ORDER BY id) FROM people p WHERE _record_matches(p, %L)', query) INTO in_memory;
  RETURN coalesce(as_condition::text, '-') || CASE WHEN as_condition IS DISTINCT FROM in_memory THEN ', in memory ' || coalesce(in_memory::text, '-') ELSE '' END;
END $$;

-- Text is compared as a whole, by its bytes; in five columns without regard to case.
SELECT query, found(query::userquery) FROM unnest(ARRAY[
  'username:ann', 'username:Ann', 'username:an', 'username:"ann"', 'username:""', 'username:\*', 'name:"ann LEE"', 'name:ann\ lee', 'name:ann', 'name:a\*b\?\\c',
  'username:a*', 'username:?nn', 'username:*', 'username:[Ann TO ann]', 'username:{Ann TO ann]', 'username:[Ann TO ann}', 'username:>A', 'username:<A', 'username:[* TO *]',
  'name:ANN*', 'name:*LEE', 'name:*N\ L*', 'name:a*e', 'name:a??????', 'name:*\**', 'name:[ANN TO ANN~]', '_exists_:name', 'NOT _exists_:name', '_missing_:name',
  'label:ab', 'label:"ab "', 'label:ab*', 'label:ab?c', 'label:""', 'odd\.name:dotted', 'odd\.name:[A TO a]']) query;
-- The domain is what stands behind the last @; without one there is none.
SELECT query, found(query::userquery) FROM unnest(ARRAY[
  'email:ann@corp.test', 'email:*@CORP.test', 'email:*corp.test', 'email.domain:corp.TEST', 'email.domain:mail.corp.test', 'email.domain:"ann@mail.corp.test"', 'email.domain:*.corp.test', 'email.domain:*corp.test',
  'email.domain:*', 'email.domain:m*', 'email.domain:?orp*', 'email.domain:a*', 'email.domain:[c TO d]', '_exists_:email.domain', 'NOT email.domain:corp.test', 'email.domain:""', 'email:""']) query;
-- Numbers compare as numbers, also those that the column cannot hold.
SELECT query, found(query::userquery) FROM unnest(ARRAY[
  'age:5', 'age:5.0', 'age:"5"', 'age:5e0', 'age:5.5', 'age:[5 TO 5.5]', 'age:{4.5 TO 5.5}', 'age:>4.99', 'age:<5', 'age:<=-3', 'age:>=40000', 'age:<40000', 'age:[-99999 TO 99999]', 'age:1e30', '_exists_:age', 'NOT age:<0',
  'balance:9223372036854775807', 'balance:>9223372036854775807', 'balance:>=9223372036854775806.5', 'balance:<-9223372036854775807.5', 'balance:-9223372036854775808', 'balance:[-1e400 TO 1e400]',
  'ratio:0.1', 'score:0.1', 'score:1e400', 'score:<1e400', 'score:>1e307', 'score:1e-400', 'score:>1e-400', 'score:>=-1e-400', 'score:{-1e-400 TO 1e-400}', 'ratio:>3e38', 'ratio:1e39', 'ratio:<1e39', 'ratio:>1e39',
  'amount:5', 'amount:5.00', 'amount:7.25', 'amount:[5 TO 7.25}', 'amount:>1e29']) query;
-- A date is an interval, in UTC wherever the column does not say otherwise; a year alone is a year.
SELECT query, found(query::userquery) FROM unnest(ARRAY[
  'joined:2021', 'joined:2021-04', 'joined:"2021-04-05"', 'joined:2021-04-05T10', 'joined:2021-04-05T10:30:00.5Z', 'joined:2021-04-05T12:30+02:00', 'joined:2021-04-05T10:31', 'joined:[2021-04-05 TO 2021-04-30]', 'joined:{2021-04-05 TO *]',
  'joined:[* TO 2021-04-30}', 'joined:<2021', 'joined:>2021', 'joined:>=9999', 'joined:{2021-03 TO 2021-04]', '_exists_:joined', 'NOT joined:2021',
  'seen:2021-04-05', 'seen:2021-12', 'seen:[2021-05-01 TO 2021]', 'seen:<2000', 'born:2021-04', 'born:2021-04-05T00:00', 'born:2021-04-05T10', 'born:[2021-04-05T10 TO *]', 'born:<2021-04-30', 'born:<=2021-04-30', 'born:>2021']) query;
-- Booleans, addresses, types with an order of their own, and one that has none and is compared as text.
SELECT query, found(query::userquery) FROM unnest(ARRAY[
  'fine:true', 'fine:"false"', 'NOT fine:true', 'NOT fine:false', 'fine:*', '_missing_:fine',
  'ip:10.0.0.1', 'ip:"10.0.0.1"', 'ip:"10.0.0.1/8"', 'ip:"10.0.0.0/24"', 'ip:"10.0.0.0/7"', 'ip:"2001:db8::/32"', 'ip:2001\:db8\:\:1', 'ip:[10.0.0.1 TO 10.0.0.2]', 'ip:10.*', 'ip:*\:1', 'NOT ip:10.*', 'net:"10.0.0.0/8"', 'net:10.0.0.0*',
  'key:c4ca4238-a0b9-2382-0dcc-509a6f75849b', 'key:C4CA4238-A0B9-2382-0DCC-509A6F75849B', 'key:"{c4ca4238a0b923820dcc509a6f75849b}"', 'key:>=c4ca4238-a0b9-2382-0dcc-509a6f75849b', 'key:{00000000-0000-0000-0000-000000000000 TO *]', '_exists_:key', 'mood:ok', 'mood:So\ Happy', 'mood:[sad TO ok]', 'mood:{sad TO *]', 'mood:["So Happy" TO sad]', 'mood:<"So Happy"', 'mood:(sad ok)', 'NOT mood:ok', 'at:"(1,2)"', 'at:(1 2)', '_exists_:at']) query;
CREATE TABLE odd_types (id integer PRIMARY KEY, at time, takes interval, mac macaddr, price money, bits bit varying, letter "char", during int4range, moods mood[], keys uuid[]);
INSERT INTO odd_types VALUES (1, '09:00', '90 minutes', '08:00:2B:01:02:03', 9, '101', 'x', '[1,5)', '{sad,ok}', '{C4CA4238-A0B9-2382-0DCC-509A6F75849B}'), (2, '10:30', '2 hours', '08:00:2b:01:02:04', 10, '1', 'y', 'empty', '{}', NULL);
SELECT query, array(SELECT id FROM odd_types o WHERE o @@ query::userquery ORDER BY id) AS as_condition, array(SELECT id FROM odd_types o WHERE _record_matches(o, query::userquery) ORDER BY id) AS in_memory
  FROM unnest(ARRAY['at:9\:00', 'at:["9:30" TO *]', 'takes:"01:30"', 'takes:"1 hour 30 min"', 'takes:{"90 min" TO "120 min"]', 'mac:08002b010203', 'mac:>"08-00-2b-01-02-03"', 'price:9', 'price:[9.5 TO 10]', 'bits:101', 'bits:<11', 'letter:x', 'letter:xy', 'during:"[1,5)"', 'during:empty',
                    'moods:ok', 'moods:[ok TO *]', 'NOT moods:sad', 'keys:c4ca4238a0b923820dcc509a6f75849b']) query;
-- Documents: below a column, and the column itself.
SELECT query, found(query::userquery) FROM unnest(ARRAY[
  'doc.plan:gold', 'doc.plan:*', 'doc.n:5.0', 'doc.n:"5"', 'doc.n:[4 TO 5}', 'doc.list.x:a', 'doc.list.x:7', 'doc.list.x:[6 TO *]', '_exists_:doc.list', '_exists_:doc.plan', '_exists_:doc.o', 'NOT doc.plan:gold', 'doc.plan:(gold OR free)',
  'doc.plan:gold AND doc.n:5 AND NOT doc.list.x:c', 'NOT (doc.plan:gold OR doc.n:5)', 'doc:gold', 'doc:5', 'doc:g*', 'doc:[4 TO 5]', 'doc:gold AND doc.plan:free', 'doc:gold OR doc.plan:gold', '_exists_:doc', 'NOT _exists_:doc', 'NOT doc:gold',
  'raw.plan:gold', 'raw:gold', '_exists_:raw', 'NOT raw.plan:gold']) query;
-- Of an array any element will do.
SELECT query, found(query::userquery) FROM unnest(ARRAY[
  'tags:red', 'tags:blue', 'tags:Blue', 'tags:r*', 'tags:[A TO C]', 'tags:"a,b"', '_exists_:tags', 'NOT tags:red', 'NOT _exists_:tags', 'tags:red AND tags:Blue', 'marks:5', 'marks:3', 'marks:[6 TO 8]', 'marks:{5 TO 7}', 'marks:5.5', '_exists_:marks']) query;
-- Without a field: the text columns of a profile.
SELECT query, found(query::userquery) FROM unnest(ARRAY['ann', 'Ann*', '"ANN LEE"', 'nobody', 'NOT ann', 'ann OR nobody', 'red', '*:ann', '*', '', 'NOT *']) query;
CREATE TABLE cities (code integer, town text, country varchar, notes jsonb);
INSERT INTO cities VALUES (1, 'Lima', 'Peru', '"Oslo"'), (2, 'Oslo', 'Norway', NULL), (3, 'Lyon', 'Oslo', '[]');
SELECT code FROM cities c WHERE c @@ 'Oslo' ORDER BY code;
SELECT code FROM cities c WHERE _record_matches(c, 'Oslo') ORDER BY code;

-- The complement: every row is found by a query or by its negation.
SELECT query FROM unnest(ARRAY['email:a*', 'username:ann', 'label:ab', 'age:[0 TO 5]', 'score:>0', 'joined:2021', 'fine:true', 'ip:10.*', 'key:>=00000000-0000-0000-0000-000000000000', 'mood:ok', 'mood:>sad', 'doc.plan:gold', 'doc:gold', 'raw.plan:gold', 'tags:red', 'marks:[1 TO 5]', 'ann', 'email.domain:c*']) query
 WHERE (SELECT count(*) FROM people p WHERE p @@ query::userquery) + (SELECT count(*) FROM people p WHERE p @@ (!! query::userquery)) <> 5;

-- Rows of other kinds, and no row at all. A null row is a row of nulls.
SELECT ROW(1, 'a') @@ 'f1:1 AND f2:a' AS anonymous, (SELECT c FROM cities c WHERE code = 2) @@ 'town:Oslo' AS from_subquery, NULL::cities @@ 'NOT town:Oslo' AS null_row, NULL::cities @@ 'town:Oslo' AS null_row_not,
       NULL::record @@ 'NOT a:b' AS of_no_type, (NULL::cities @@ NULL) IS NULL AS null_query, jsonb_populate_record(NULL::cities, '{"town": "Rome"}') @@ 'town:rome OR town:Rome' AS from_function,
       (WITH x AS (SELECT 1 AS a) SELECT x @@ 'a:1' FROM x) AS from_cte;
CREATE FUNCTION cities_of(text) RETURNS SETOF cities LANGUAGE sql STABLE AS $$ SELECT * FROM cities WHERE country = $1 $$;
SELECT c.* FROM cities_of('Peru') c WHERE c @@ 'town:L*';
SELECT c.* FROM cities_of('Peru') WITH ORDINALITY c WHERE c @@ 'town:L* AND ordinality:1';
SELECT * FROM (VALUES (1, 'a@x.org'), (2, 'b@Y.org')) v (n, email) WHERE v @@ 'email.domain:y.org';
CREATE TABLE places (id integer, city cities);
INSERT INTO places SELECT code, c FROM cities c;
SELECT id FROM places p WHERE p.city @@ 'town:Oslo' OR p.city @@ 'notes:Oslo' ORDER BY id;

-- A column that the row does not have is an error that names the nearest ones and the place; so is what does not fit.
SELECT query, pg_temp.try(format('SELECT p @@ %L FROM people p', query)) AS condition,
       pg_temp.try(format('SELECT _record_matches(p, %L) FROM people p', query)) = pg_temp.try(format('SELECT p @@ %L FROM people p', query)) AS same_in_memory
  FROM unnest(ARRAY['emial:x', 'username:ann AND (user_name:ann OR Fine:true)', '_exists_:docs.plan', 'NAME:x', 'zzzzzzzz:1', 'email.domian:x', 'email.domain.tld:x', 'name.first:x', 'tags.x:1', 'ctid:1', 'gone:x', '........pg.dropped.2........:x', '"é" OR nmae:"é"', 'plan:gold', 'odd.name:x', 'odd.nome:x', 'name.raw:x', '_exist_:name', '_missing:name',
                    'age:x', 'age:""', 'age:0x10', 'age:[1 TO x]', 'age:5*', 'fine:yes', 'fine:[false TO true]', 'fine:t*', 'joined:yesterday', 'joined:2021-02-30', 'joined:[2021 TO soon]', 'joined:2021*', 'ip:10', 'ip:"10.0.0.1/33"', 'ip:[a TO *]', 'key:c4*', 'key:1', 'key:[00000000 TO 1]', 'mood:s*', 'mood:OK', 'mood:[a TO p]', 'mood:' || repeat('x', 70), 'amount:1*',
                    'username:x AND age:x']) query;
CREATE TABLE numbers (n integer);
SELECT pg_temp.try($$SELECT x @@ 'five' FROM numbers x$$), pg_temp.try($$SELECT x @@ 'five:1' FROM numbers x$$);
CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
SELECT pg_temp.try($$SELECT n @@ 'a:1' FROM nothing n$$), (SELECT n @@ '' FROM nothing n) AS everything;
-- Of no row there is nothing to say when the query is not known before.
SELECT pg_temp.try($$SELECT x @@ q FROM numbers x, (VALUES ('x:1'::userquery)) v (q)$$);
-- The error is there without rows if the query is known.
SELECT pg_temp.try($$SELECT x @@ 'x:1' FROM numbers x$$);

-- A type that changes its columns under a cached plan.
PREPARE stay(text) AS SELECT count(*) FROM cities c WHERE c @@ $1::userquery;
SET plan_cache_mode = force_generic_plan;
EXECUTE stay('town:Oslo');
ALTER TABLE cities RENAME COLUMN town TO place;
EXECUTE stay('place:Oslo');
EXECUTE stay('town:Oslo');
ALTER TABLE cities DROP COLUMN code;
EXECUTE stay('place:Oslo AND country:N*');
RESET plan_cache_mode;
-- A label that is added later is found by a statement that was prepared before.
PREPARE moody AS SELECT count(*) FROM people p WHERE p @@ 'mood:new';
EXECUTE moody;
ALTER TYPE mood ADD VALUE 'new';
UPDATE people SET mood = 'new' WHERE id = 5;
EXECUTE moody;

-- As SQL text.
SELECT query, search_condition('people', query::userquery, 'p')
  FROM unnest(ARRAY['', 'NOT *', 'username:ann', 'name:a* OR email:*@corp.test', 'email.domain:corp.test', 'name:(a OR b) AND NOT name:(c OR d)', 'age:[1 TO 5.5}', 'joined:2021-04', 'fine:true AND NOT fine:false', 'NOT _exists_:key', 'ip:"10.0.0.0/8"',
                    'doc.plan:gold AND doc.n:[1 TO 5] AND NOT doc.x:1', 'NOT doc.plan:gold', 'doc:gold', '_exists_:doc', 'tags:red', 'tags:r*']) query;
SELECT search_condition('people', 'username:ann AND tags:r*') AS unqualified;
-- It can be run from anywhere and with other settings.
SET datestyle = 'SQL, DMY';
SELECT search_condition('people', 'joined:2021-04-05 AND doc.n:5', 'p') AS condition \gset
SET search_path = pg_catalog;
SET datestyle = 'SQL, MDY';
SELECT id FROM public.people p WHERE :condition;
SET search_path = public, userdir;
RESET datestyle;
SELECT pg_temp.try($$SELECT search_condition('people', 'x:1')$$), pg_temp.try($$SELECT search_condition('people_pkey', 'x:1')$$), search_condition(NULL, '') IS NULL AS null_relation;
