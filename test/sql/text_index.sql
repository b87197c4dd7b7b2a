-- Indexes of class text_wildcard_ops: what they find, after which changes, in which plans
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SET jit = off;

-- What a pattern finds is what LIKE finds, with any index and without one. Names of few letters meet often.
CREATE FUNCTION pg_temp.word(letters text, longest integer) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(substr(letters, 1 + floor(random() * length(letters))::integer, 1), ''), '') FROM generate_series(1, floor(random() * (longest + 1))::integer) $$;
SELECT setseed(0.25);
CREATE TABLE text_people (id integer PRIMARY KEY, a text, b text) WITH (autovacuum_enabled = off);
INSERT INTO text_people
SELECT i, CASE WHEN i % 50 = 0 THEN NULL ELSE pg_temp.word(CASE i % 4 WHEN 0 THEN 'ab' WHEN 1 THEN 'abcmnr@.' WHEN 2 THEN 'aäжб%_*?\' ELSE 'a李😀伟z' END, 9) END,
       pg_temp.word('maren', 12)
  FROM generate_series(1, 1500) i;
CREATE INDEX text_people_idx ON text_people USING gin (a userdir.text_wildcard_ops, b userdir.text_wildcard_ops);
ANALYZE text_people;
-- A pattern: a piece of a value with wildcards put in, or a word of its own.
CREATE TABLE text_patterns AS
SELECT n, CASE n % 3 WHEN 0 THEN (CASE WHEN random() < 0.5 THEN '*' ELSE '' END) || piece || (CASE WHEN random() < 0.5 THEN '*' ELSE '' END)
                     WHEN 1 THEN regexp_replace(piece, '^(.?.?)(.?)(.*)$', CASE floor(random() * 4)::integer WHEN 0 THEN '\1*\3' WHEN 1 THEN '\1?\3' WHEN 2 THEN '*\2*\3' ELSE '?\2*\3*' END)
                     ELSE pg_temp.word('ab*?李ж', 6) END AS pattern
  FROM (SELECT i AS n, regexp_replace(substr(p.a, 1 + floor(random() * 3)::integer, floor(random() * 8)::integer), '([\\*?])', '\\\1', 'g') AS piece
          FROM generate_series(1, 3000) i JOIN text_people p ON p.id = 1 + (i * 7919) % 1500) t
 WHERE piece IS NOT NULL;
DELETE FROM text_patterns WHERE pattern ~ '^(.*[^\\])?(\\\\)*\\$'; -- an escape that was cut in two
CREATE FUNCTION pg_temp.like_of(pattern text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text := ''; c text; escaped boolean := false;
BEGIN
  FOREACH c IN ARRAY string_to_array(pattern, NULL) LOOP
    IF escaped THEN result := result || '\' || c; escaped := false;
    ELSIF c = '\' THEN escaped := true;
    ELSIF c = '*' THEN result := result || '%';
    ELSIF c = '?' THEN result := result || '_';
    ELSIF c IN ('%', '_') THEN result := result || '\' || c;
    ELSE result := result || c;
    END IF;
  END LOOP;
  RETURN result;
END $$;
CREATE FUNCTION pg_temp.differences() RETURNS TABLE (tried bigint, matches bigint, by_index_alone bigint, by_like_alone bigint) LANGUAGE plpgsql AS $$
DECLARE
  p record; by_index integer[]; by_like integer[];
BEGIN
  tried := 0; matches := 0; by_index_alone := 0; by_like_alone := 0;
  PERFORM set_config('enable_seqscan', 'off', true);
  FOR p IN SELECT pattern, pg_temp.like_of(pattern) AS like_pattern FROM text_patterns LOOP
    EXECUTE format('SELECT array_agg(id ORDER BY id) FROM text_people WHERE a OPERATOR(userdir.=*) %L', p.pattern) INTO by_index;
    EXECUTE format('SELECT array_agg(id ORDER BY id) FROM text_people WHERE a LIKE %L', p.like_pattern) INTO by_like;
    tried := tried + 1;
    matches := matches + coalesce(cardinality(by_like), 0);
    IF by_index IS DISTINCT FROM by_like THEN
      by_index_alone := by_index_alone + (SELECT count(*) FROM (SELECT unnest(by_index) EXCEPT SELECT unnest(by_like)) x);
      by_like_alone := by_like_alone + (SELECT count(*) FROM (SELECT unnest(by_like) EXCEPT SELECT unnest(by_index)) x);
      RAISE WARNING 'pattern %', p.pattern;
    END IF;
  END LOOP;
  PERFORM set_config('enable_seqscan', 'on', true);
  RETURN NEXT;
END $$;
SELECT tried > 2500 AS thousands, matches > 50000 AS with_matches, by_index_alone, by_like_alone FROM pg_temp.differences();
-- Without the index, too.
SELECT count(*) AS different FROM text_people, text_patterns WHERE text_patterns.n % 20 = 0 AND a OPERATOR(userdir.=*) pattern <> (a LIKE pg_temp.like_of(pattern));

-- After changes, with a pending list, and after it was emptied.
UPDATE text_people SET a = b WHERE id % 5 = 0;
DELETE FROM text_people WHERE id % 7 = 0;
INSERT INTO text_people SELECT 10000 + i, pg_temp.word('ab李ж', 9), 'new' FROM generate_series(1, 500) i;
DELETE FROM text_patterns WHERE n % 4 <> 0;
SELECT tried > 600 AS hundreds, by_index_alone, by_like_alone FROM pg_temp.differences();
SELECT gin_clean_pending_list('text_people_idx') > 0 AS emptied;
SELECT by_index_alone, by_like_alone FROM pg_temp.differences();
VACUUM text_people;
SELECT by_index_alone, by_like_alone FROM pg_temp.differences();
ALTER INDEX text_people_idx SET (fastupdate = off);
INSERT INTO text_people SELECT 20000 + i, pg_temp.word('ab李ж', 9), 'newer' FROM generate_series(1, 500) i;
SELECT by_index_alone, by_like_alone FROM pg_temp.differences();

-- Plans: every kind of pattern is served, on one column of the index or several; exact ones need no recheck.
CREATE FUNCTION pg_temp.plan(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || statement;
END $$;
CREATE TABLE text_names AS
SELECT i AS id, substr(md5(i::text), 1, 12) || CASE WHEN i % 10 = 0 THEN '@Example.com' ELSE '@mail' || i % 500 || '.test' END AS email, 'Name ' || md5((i % 4000)::text) AS name FROM generate_series(1, 20000) i;
CREATE INDEX text_names_idx ON text_names USING gin (userdir.fold_case(email) userdir.text_wildcard_ops, userdir.fold_case(name) userdir.text_wildcard_ops) WITH (gin_pending_list_limit = 256);
VACUUM ANALYZE text_names;
SELECT pattern, (SELECT string_agg(trim(l), ' / ') FROM pg_temp.plan(format('SELECT * FROM text_names WHERE userdir.fold_case(email) OPERATOR(userdir.=*) %L', pattern)) l WHERE l LIKE '%Scan%') AS plan
  FROM unnest(ARRAY['*c4ca4*', 'c4ca42*', '*@mail17.test', 'c4ca*test', 'c4c?42*', 'c4ca4238a0b9@mail1.test', '*zzz*', '*']) pattern;
SELECT * FROM pg_temp.plan($$SELECT * FROM text_names WHERE userdir.fold_case(email) OPERATOR(userdir.=*) '*c4ca4*' AND userdir.fold_case(name) OPERATOR(userdir.=*) 'name c*'$$);
SELECT * FROM pg_temp.plan($$SELECT * FROM text_names WHERE userdir.fold_case(email) OPERATOR(userdir.=*) '*c4ca4*' OR userdir.fold_case(name) OPERATOR(userdir.=*) '*c4ca4*'$$);
SELECT * FROM pg_temp.plan($$SELECT * FROM text_names n JOIN (VALUES ('*c4ca4*'), ('*eccbc*')) p (pattern) ON userdir.fold_case(n.name) OPERATOR(userdir.=*) p.pattern$$);
SET plan_cache_mode = force_generic_plan;
PREPARE find AS SELECT count(*) FROM text_names WHERE userdir.fold_case(name) OPERATOR(userdir.=*) userdir.fold_case($1);
EXPLAIN (COSTS OFF) EXECUTE find('*C4CA4*');
EXECUTE find('*C4CA4*');
EXECUTE find('NAME *');
SELECT pg_temp.try($$EXECUTE find('\')$$);
RESET plan_cache_mode;
CREATE FUNCTION pg_temp.recheck(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM text_names WHERE ' || condition LOOP
    IF line ~ 'Rows Removed by Index Recheck' THEN RETURN trim(line); END IF;
  END LOOP;
  RETURN 'none removed';
END $$;
SET enable_seqscan = off;
SELECT pattern, pg_temp.recheck(format('userdir.fold_case(email) OPERATOR(userdir.=*) %L', pattern)) AS recheck,
       (SELECT count(*) FROM text_names WHERE userdir.fold_case(email) OPERATOR(userdir.=*) pattern) AS found
  FROM unnest(ARRAY['*c4ca*', '*c4*', '*c*', 'c4c*', 'c*', '*com', '*t', '*', 'c4*com', '*a0b9@m*']) pattern;
RESET enable_seqscan;

-- Long values and long patterns.
CREATE TABLE text_long (id integer, t text);
CREATE INDEX text_long_idx ON text_long USING gin (t userdir.text_wildcard_ops);
INSERT INTO text_long SELECT 1, string_agg(md5(i::text), '') FROM generate_series(1, 32768) i;
INSERT INTO text_long VALUES (2, repeat('x', 1000000)), (3, ''), (4, repeat('xy', 3)), (5, NULL);
SET enable_seqscan = off;
SELECT id, length(t) FROM text_long WHERE t OPERATOR(userdir.=*) ('*' || md5('32768'));
SELECT id, length(t) FROM text_long WHERE t OPERATOR(userdir.=*) ('*' || md5('1') || md5('2') || '*' || md5('32767') || '?*') OR t OPERATOR(userdir.=*) '';
SELECT array_agg(id ORDER BY id) FROM text_long WHERE t OPERATOR(userdir.=*) 'x*' OR t OPERATOR(userdir.=*) 'xyxyxy';
SELECT array_agg(id ORDER BY id) FROM text_long WHERE t OPERATOR(userdir.=*) (SELECT t FROM text_long WHERE id = 1);
SELECT array_agg(id ORDER BY id) FROM text_long WHERE t OPERATOR(userdir.=*) repeat('*', 1000000);
SELECT array_agg(id ORDER BY id) FROM text_long WHERE t OPERATOR(userdir.=*) repeat('?', 1000000);
SELECT array_agg(id ORDER BY id) FROM text_long WHERE t OPERATOR(userdir.=*) repeat('x*', 500000);
SELECT array_agg(id ORDER BY id) FROM text_long WHERE t OPERATOR(userdir.=*) repeat('*x?', 300000);
SELECT array_agg(id ORDER BY id) FROM text_long WHERE t OPERATOR(userdir.=*) repeat('\x', 1000000);
RESET enable_seqscan;
SELECT pg_temp.try($$INSERT INTO text_long VALUES (6, repeat('a', 17000000))$$);
-- The worst case takes long but not beyond a timeout.
SET statement_timeout = '300ms';
SELECT repeat('a', 1000000) OPERATOR(userdir.=*) ('*' || repeat('a', 200000) || '?' || repeat('a', 200000) || 'b*') AS endless;
RESET statement_timeout;

SELECT pg_temp.try('CREATE INDEX ON text_long USING gin (id userdir.text_wildcard_ops)');
DROP TABLE text_people, text_patterns, text_names, text_long;
