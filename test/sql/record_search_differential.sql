-- The operator @@ on rows in all its executions against plain SQL: random queries on random rows
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SET search_path = public, userdir;
SET timezone = 'Asia/Kathmandu';
-- Fewer where the environment has USERDIR_FEW.
\getenv few USERDIR_FEW
\if :{?few}
\set nrows 150
\set nqueries 100
\else
\set nrows 1500
\set nqueries 2000
\endif
-- What compiles costs more than it computes here.
SET jit = off;
SELECT setseed(0.271828);

-- Every class of columns, one of them dropped, some of domains.
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN address AS text;
CREATE DOMAIN points AS integer CHECK (value > -100);
CREATE TABLE people (id integer PRIMARY KEY, gone text, email address, name varchar(40), username text, nickname text COLLATE "C", label char(6),
                     age points, small smallint, big bigint, score double precision, ratio real, amount numeric, joined timestamptz, seen timestamp,
                     born date, fine boolean, ip inet, mood mood, doc jsonb, raw json, tags text[], marks integer[]);
ALTER TABLE people DROP COLUMN gone;
CREATE TABLE logins (person integer PRIMARY KEY, last_login timestamptz, logins_count bigint);

CREATE FUNCTION pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::integer] $$;
CREATE FUNCTION some_word() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT pick('ann', 'Ann', 'ANNA', 'bob', 'Bo', 'b', '', 'a*b', 'a?b', 'a\b', 'ann lee', 'Lee "x"', 'true', '5', '2021-04', 'e' || chr(233), 'E' || chr(201), 'zz') $$;
CREATE FUNCTION some_email() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT some_word() || pick('@', '@', '@', '@', '', '@x@') || pick('corp.test', 'CORP.test', 'mail.corp.test', 'x.org', '') $$;
CREATE FUNCTION some_scalar() RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT pick('1', '5', '5.0', '7.25', '-3', '1e1', 'true', 'false', 'null', '"5"', '"true"', '"ann"', '"Ann"', '"anna"', '"2021-04-05"', '"2021-04-05T10:30:00Z"', '"2021"', '{}', '[]')::jsonb $$;
CREATE FUNCTION some_value() RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN random() < 0.3 THEN jsonb_build_array(some_scalar(), some_scalar()) ELSE some_scalar() END $$;
CREATE FUNCTION some_document() RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN random() < 0.1 THEN NULL
              WHEN random() < 0.1 THEN pick('{}', 'null', '[]', '"ann"', '[5, "ann"]')::jsonb
              ELSE jsonb_strip_nulls(jsonb_build_object(
                'a', some_value(), 'b', CASE WHEN random() < 0.7 THEN jsonb_build_object('c', some_value()) END,
                'd', CASE WHEN random() < 0.5 THEN jsonb_build_array(jsonb_build_object('e', some_value()), jsonb_build_object('e', some_scalar())) END)) END $$;
CREATE FUNCTION unless_null(p double precision, v anyelement) RETURNS anyelement LANGUAGE sql VOLATILE AS $$ SELECT CASE WHEN random() < p THEN NULL ELSE v END $$;

INSERT INTO people
  SELECT g, unless_null(0.1, some_email()), unless_null(0.1, some_word()), unless_null(0.3, some_word()), unless_null(0.3, some_word()),
         unless_null(0.3, left(replace(some_word(), '"', ''), 6)), unless_null(0.2, floor(random() * 12)::integer - 2), unless_null(0.2, floor(random() * 12)::integer - 2),
         unless_null(0.2, pick('5', '-9223372036854775808', '9223372036854775807', '7')::bigint), unless_null(0.2, pick('5', '5.5', '-Infinity', 'NaN', '0', '0.1')::float8),
         unless_null(0.2, pick('5', '5.5', 'Infinity', '0.1')::real), unless_null(0.2, pick('5', '5.00', '7.25', '-3', '100000000000000000000')::numeric),
         unless_null(0.2, timestamptz '2021-03-30 00:00Z' + floor(random() * 60) * interval '7 hours'), unless_null(0.2, timestamp '2021-03-30' + floor(random() * 60) * interval '7 hours'),
         unless_null(0.2, date '2021-03-28' + floor(random() * 40)::integer), unless_null(0.2, random() < 0.5),
         unless_null(0.2, pick('10.0.0.1', '10.0.0.2', '10.1.0.1', '192.168.0.1', '2001:db8::1', '10.0.0.0/8')::inet), unless_null(0.2, pick('sad', 'ok', 'happy')::mood),
         some_document(), some_document()::json, unless_null(0.2, ARRAY[some_word(), unless_null(0.2, some_word())]), unless_null(0.2, (ARRAY[floor(random() * 12)::integer, NULL, 5])[1:floor(random() * 4)::integer])
    FROM generate_series(1, :nrows) g;
INSERT INTO logins SELECT g, unless_null(0.2, timestamptz '2021-03-30 00:00Z' + floor(random() * 60) * interval '7 hours'), floor(random() * 12) FROM generate_series(1, :nrows, 3) g;
CREATE VIEW profiles AS SELECT p.*, l.last_login, l.logins_count FROM people p LEFT JOIN logins l ON l.person = p.id;
-- What holds true of a table must hold of a partitioned one, whose partitions have their columns in another order.
CREATE TABLE parted (LIKE people) PARTITION BY RANGE (id);
CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (100);
CREATE TABLE parted_high (LIKE people);
ALTER TABLE parted_high ADD COLUMN passing text;
ALTER TABLE parted_high DROP COLUMN passing, DROP COLUMN email;
ALTER TABLE parted_high ADD COLUMN email address;
ALTER TABLE parted ATTACH PARTITION parted_high FOR VALUES FROM (100) TO (5000);
INSERT INTO parted SELECT * FROM people;

CREATE INDEX ON people ((fold_case(email)) COLLATE "C");
CREATE INDEX ON people ((reverse(fold_case(email))) COLLATE "C");
CREATE INDEX ON people USING gin (fold_case(name) text_wildcard_ops, username text_wildcard_ops);
CREATE INDEX ON people (username);
CREATE INDEX ON people (nickname);
CREATE INDEX ON people (age);
CREATE INDEX ON people (mood);
CREATE INDEX ON people (joined);
CREATE INDEX ON people USING gin (doc jsonb_query_ops);
CREATE INDEX ON people USING gin (tags);
CREATE INDEX ON parted ((fold_case(email)) COLLATE "C");
CREATE INDEX ON parted USING gin (fold_case(email) text_wildcard_ops);
ANALYZE people, logins, parted;

-- What a query means, in plain SQL: each of the following makes a leaf and, of the same choice, a condition without anything of ours.
CREATE TYPE leaf AS (query text, condition text);
CREATE FUNCTION fold(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT translate(lower($1 COLLATE "C"), chr(201), chr(233)) $$;
CREATE FUNCTION phrase(text) RETURNS text LANGUAGE sql AS $$ SELECT '"' || regexp_replace($1, '(["\\])', '\\\1', 'g') || '"' $$;
CREATE FUNCTION escaped(text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace($1, '([-+&|!(){}\[\]^"~*?:\\/ .])', '\\\1', 'g') $$;
CREATE FUNCTION quoted_regex(text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace($1, '([^[:alnum:]])', '\\\1', 'g') $$;

-- value: the SQL of what is compared; folds: whether case counts for nothing.
CREATE FUNCTION text_leaf(field text, value text, folds boolean) RETURNS leaf LANGUAGE plpgsql AS $$
DECLARE
  word text := CASE WHEN field = 'email' THEN some_email() WHEN field = 'email.domain' THEN pick('corp.test', 'CORP.TEST', 'x.org', 'x@corp.test', '') ELSE some_word() END;
  high text := some_word();
  piece text := nullif(substr(word, 1 + floor(random() * 3)::integer, 1 + floor(random() * 4)::integer), '');
  read text := CASE WHEN folds THEN format('fold(%s)', value) ELSE value END;
  kind text := pick('term', 'term', 'prefix', 'suffix', 'infix', 'middle', 'one', 'range', 'exists');
  regex text;
BEGIN
  IF kind = 'exists' THEN
    RETURN ('_exists_:' || field, format('%s IS NOT NULL', value));
  ELSIF kind = 'term' OR kind <> 'range' AND piece IS NULL THEN
    RETURN (field || ':' || CASE WHEN word = '' OR random() < 0.5 THEN phrase(word) ELSE escaped(word) END,
            format('%s = %L COLLATE "C"', read, CASE WHEN folds THEN fold(word) ELSE word END));
  ELSIF kind = 'range' THEN
    RETURN (format('%s:[%s TO %s}', field, phrase(word), phrase(high)),
            format('%1$s >= %2$L COLLATE "C" AND %1$s < %3$L COLLATE "C"', read, CASE WHEN folds THEN fold(word) ELSE word END, CASE WHEN folds THEN fold(high) ELSE high END));
  END IF;
  regex := quoted_regex(CASE WHEN folds THEN fold(piece) ELSE piece END);
  RETURN CASE kind
    WHEN 'prefix' THEN ROW(field || ':' || escaped(piece) || '*', format('%s ~ %L', read, '^' || regex))::leaf
    WHEN 'suffix' THEN ROW(field || ':*' || escaped(piece), format('%s ~ %L', read, regex || '$'))::leaf
    WHEN 'infix' THEN ROW(field || ':*' || escaped(piece) || '*', format('%s ~ %L', read, regex))::leaf
    WHEN 'middle' THEN ROW(field || ':' || escaped(piece) || '*' || escaped(piece), format('%s ~ %L', read, '^' || regex || '.*' || regex || '$'))::leaf
    ELSE ROW(field || ':?' || escaped(piece) || '*', format('%s ~ %L', read, '^.' || regex))::leaf END;
END $$;

CREATE FUNCTION number_leaf(field text, value text) RETURNS leaf LANGUAGE plpgsql AS $$
DECLARE
  low text := pick('5', '-3', '0', '5.5', '7.25', '1e1', '-99999999999', '1e20', '0.1');
  high text := pick('5', '7', '5.5', '99999999999', '1e30', '9223372036854775807');
  brackets text[] := ARRAY[pick('[', '{'), pick(']', '}')];
  cast_to text := CASE WHEN field = 'score' THEN 'float8' WHEN field = 'ratio' THEN 'real' ELSE 'numeric' END;
  read text := format('%s::%s', value, cast_to);
BEGIN
  CASE pick('term', 'exists', 'closed', 'low', 'high')
    WHEN 'term' THEN RETURN (format('%s:%s', field, CASE WHEN random() < 0.3 THEN phrase(low) ELSE low END), format('%s = %L::%s', read, low, cast_to));
    WHEN 'exists' THEN RETURN ('_exists_:' || field, format('%s IS NOT NULL', value));
    WHEN 'closed' THEN RETURN (format('%s:%s%s TO %s%s', field, brackets[1], low, high, brackets[2]),
                               format('%1$s %2$s %3$L::%4$s AND %1$s %5$s %6$L::%4$s', read, CASE brackets[1] WHEN '[' THEN '>=' ELSE '>' END, low, cast_to, CASE brackets[2] WHEN ']' THEN '<=' ELSE '<' END, high));
    WHEN 'low' THEN RETURN (format('%s:>%s', field, low), format('%s > %L::%s', read, low, cast_to));
    ELSE RETURN (format('%s:[* TO %s]', field, high), format('%s <= %L::%s', read, high, cast_to));
  END CASE;
END $$;

-- An instant and what it is written as; the unit tells where its interval ends.
CREATE FUNCTION time_leaf(field text, value text) RETURNS leaf LANGUAGE plpgsql AS $$
DECLARE
  instant timestamp := timestamp '2021-03-29' + floor(random() * 70) * interval '7 hours';
  unit text := pick('year', 'month', 'day', 'minute');
  start timestamptz := date_trunc(unit, instant) AT TIME ZONE 'UTC';
  stop timestamptz := (date_trunc(unit, instant) + ('1 ' || unit)::interval) AT TIME ZONE 'UTC';
  written text := to_char(date_trunc(unit, instant), CASE unit WHEN 'year' THEN 'YYYY' WHEN 'month' THEN 'YYYY-MM' WHEN 'day' THEN 'YYYY-MM-DD' ELSE 'YYYY-MM-DD"T"HH24:MI' END);
BEGIN
  CASE pick('term', 'exists', 'from', 'after', 'until', 'before')
    WHEN 'term' THEN RETURN (format('%s:%s', field, written), format('%1$s >= %2$L AND %1$s < %3$L', value, start, stop));
    WHEN 'exists' THEN RETURN ('_exists_:' || field, format('%s IS NOT NULL', value));
    WHEN 'from' THEN RETURN (format('%s:[%s TO *]', field, written), format('%s >= %L', value, start));
    WHEN 'after' THEN RETURN (format('%s:{%s TO *]', field, written), format('%s >= %L', value, stop));
    WHEN 'until' THEN RETURN (format('%s:[* TO %s]', field, written), format('%s < %L', value, stop));
    ELSE RETURN (format('%s:[* TO %s}', field, written), format('%s < %L', value, start));
  END CASE;
END $$;

-- No array in the documents holds another array, so the lax mode of jsonpath skips them as a query does.
CREATE FUNCTION document_leaf(field text, value text) RETURNS leaf LANGUAGE plpgsql AS $$
DECLARE
  path text := pick('.a', '.b.c', '.d.e', '.b', '.none', '');
  low text := pick('5', '5.0', '-3', '7.25', '1');
  condition text := format('EXISTS (SELECT FROM jsonb_path_query(%s, %L) v WHERE ', value, 'lax $' || path || '[*]');
BEGIN
  field := field || path;
  CASE pick('number', 'string', 'exists', 'range', 'prefix', 'date')
    WHEN 'number' THEN RETURN (format('%s:%s', field, low), condition || format('CASE jsonb_typeof(v) WHEN ''number'' THEN v::numeric = %s WHEN ''string'' THEN v #>> ''{}'' = %1$L ELSE false END)', low));
    WHEN 'string' THEN RETURN (format('%s:"%s"', field, low), condition || format('v = to_jsonb(%L::text))', low));
    WHEN 'exists' THEN RETURN (format('_exists_:%s', field), condition || $q$v NOT IN ('null', '[]', '{}'))$q$);
    WHEN 'range' THEN RETURN (format('%s:[%s TO 7.25}', field, low), condition || format('CASE WHEN jsonb_typeof(v) = ''number'' THEN v::numeric >= %s AND v::numeric < 7.25 END)', low));
    WHEN 'prefix' THEN RETURN (format('%s:an*', field), condition || 'jsonb_typeof(v) = ''string'' AND v #>> ''{}'' LIKE ''an%'')');
    ELSE RETURN (format('%s:2021-04-05', field), condition || $q$v #>> '{}' IN ('2021-04-05', '2021-04-05T10:30:00Z'))$q$);
  END CASE;
END $$;

CREATE FUNCTION array_leaf(field text, value text) RETURNS leaf LANGUAGE plpgsql AS $$
DECLARE
  element leaf := CASE field WHEN 'tags' THEN text_leaf(field, 'e', false) ELSE number_leaf(field, 'e') END;
BEGIN
  RETURN (element.query, format('EXISTS (SELECT FROM unnest(%s) e WHERE %s)', value, element.condition));
END $$;

-- The labels of an enum are in its order, which is not that of their letters.
CREATE FUNCTION label_leaf(field text, value text) RETURNS leaf LANGUAGE plpgsql AS $$
DECLARE
  low text := pick('sad', 'ok', 'happy');
  high text := pick('sad', 'ok', 'happy');
BEGIN
  CASE pick('term', 'exists', 'closed', 'low', 'high')
    WHEN 'term' THEN RETURN (format('%s:%s', field, low), format('%s = %L', value, low));
    WHEN 'exists' THEN RETURN ('_exists_:' || field, format('%s IS NOT NULL', value));
    WHEN 'closed' THEN RETURN (format('%s:[%s TO %s}', field, low, high), format('%1$s >= %2$L AND %1$s < %3$L', value, low, high));
    WHEN 'low' THEN RETURN (format('%s:>%s', field, low), format('%s > %L', value, low));
    ELSE RETURN (format('%s:[* TO %s]', field, high), format('%s <= %L', value, high));
  END CASE;
END $$;

CREATE FUNCTION other_leaf() RETURNS leaf LANGUAGE plpgsql AS $$
BEGIN
  CASE pick('fine', 'mood', 'ip', 'network', 'address', 'bare', 'anything')
    WHEN 'fine' THEN RETURN CASE WHEN random() < 0.5 THEN ROW('fine:true', 'p.fine')::leaf ELSE ROW('fine:"false"', 'NOT p.fine')::leaf END;
    WHEN 'mood' THEN RETURN label_leaf('mood', 'p.mood');
    WHEN 'ip' THEN RETURN ROW('ip:10.0.0.1', $q$p.ip = '10.0.0.1'$q$)::leaf;
    WHEN 'network' THEN RETURN ROW('ip:"10.0.0.0/16" OR ip:[192.168.0.0 TO *]', $q$p.ip <<= '10.0.0.0/16' OR p.ip >= '192.168.0.0'$q$)::leaf;
    WHEN 'address' THEN RETURN ROW('ip:10.*.1', $q$host(p.ip) ~ '^10\..*\.1$'$q$)::leaf;
    WHEN 'bare' THEN RETURN ROW('ANN', $q$fold(p.email) = 'ann' OR p.username = 'ANN' OR fold(p.name) = 'ann' OR fold(p.nickname) = 'ann'$q$)::leaf;
    ELSE RETURN ROW('*:*', 'true')::leaf;
  END CASE;
END $$;

CREATE FUNCTION some_leaf(relation text) RETURNS leaf LANGUAGE plpgsql AS $$
DECLARE
  field text := pick('email', 'email', 'name', 'username', 'nickname', 'label', 'email.domain', 'age', 'small', 'big', 'score', 'ratio', 'amount', 'joined', 'seen', 'born', 'doc', 'doc', 'doc', 'raw', 'tags', 'marks', 'other', 'other')
               ;
BEGIN
  IF relation = 'profiles' AND random() < 0.3 THEN
    RETURN CASE WHEN random() < 0.5 THEN time_leaf('last_login', 'p.last_login') ELSE number_leaf('logins_count', 'p.logins_count') END;
  END IF;
  CASE
    WHEN field IN ('email', 'name', 'nickname') THEN RETURN text_leaf(field, format('p.%s', field), true);
    WHEN field IN ('username', 'label') THEN RETURN text_leaf(field, format('p.%s::text', field), false);
    WHEN field = 'email.domain' THEN RETURN text_leaf(field, 'substring(p.email from ''@([^@]*)$'')', true);
    WHEN field IN ('age', 'small', 'big', 'score', 'ratio', 'amount') THEN RETURN number_leaf(field, format('p.%s', field));
    WHEN field = 'joined' THEN RETURN time_leaf(field, 'p.joined');
    WHEN field IN ('seen', 'born') THEN RETURN time_leaf(field, format('(p.%s::timestamp AT TIME ZONE ''UTC'')', field));
    WHEN field = 'doc' THEN RETURN document_leaf(field, 'p.doc');
    WHEN field = 'raw' THEN RETURN document_leaf(field, 'p.raw::jsonb');
    WHEN field IN ('tags', 'marks') THEN RETURN array_leaf(field, format('p.%s', field));
    ELSE RETURN other_leaf();
  END CASE;
END $$;

CREATE FUNCTION some_query(relation text, depth integer) RETURNS leaf LANGUAGE plpgsql AS $$
DECLARE
  a leaf;
  b leaf;
BEGIN
  IF depth = 0 OR random() < 0.2 THEN
    a := some_leaf(relation);
    RETURN (a.query, format('coalesce(%s, false)', a.condition));
  END IF;
  a := some_query(relation, depth - 1);
  IF random() < 0.25 THEN
    RETURN (format('NOT (%s)', a.query), format('NOT (%s)', a.condition));
  END IF;
  b := some_query(relation, depth - 1);
  RETURN CASE WHEN random() < 0.5 THEN ROW(format('(%s) AND (%s)', a.query, b.query), format('(%s) AND (%s)', a.condition, b.condition))::leaf
              ELSE ROW(format('(%s) OR (%s)', a.query, b.query), format('(%s) OR (%s)', a.condition, b.condition))::leaf END;
END $$;

-- Every row through every execution: in memory; as a value, where false must be false and not null; negated by SQL and by the query.
-- Then as a condition, by whatever plan is the cheapest with and without sequential scans, and as SQL text.
CREATE FUNCTION differences(relation text, q leaf, OUT problem text, OUT hits bigint) LANGUAGE plpgsql AS $$
DECLARE
  expected record;
  got record;
BEGIN
  EXECUTE format($f$
    SELECT count(*) FILTER (WHERE r) AS found, sum(id) FILTER (WHERE r) AS ids,
           concat_ws(', ', CASE WHEN bool_or(memory IS DISTINCT FROM r) THEN 'memory' END, CASE WHEN bool_or(value IS DISTINCT FROM r) THEN 'value' END,
                     CASE WHEN bool_or(sql_not IS DISTINCT FROM NOT r) THEN 'sql not' END, CASE WHEN bool_or(query_not IS DISTINCT FROM NOT r) THEN 'query not' END) AS problem
      FROM (SELECT p.id, _record_matches(p, %1$L) AS memory, p @@ %1$L AS value, NOT (p @@ %1$L) AS sql_not, p @@ (!! %1$L::userquery) AS query_not, (%2$s) AS r
              FROM %3$I p) x $f$, q.query, q.condition, relation) INTO expected;
  problem := expected.problem;
  hits := expected.found;
  FOR mode IN 1 .. 4 LOOP
    PERFORM set_config('enable_seqscan', (mode <> 2)::text, true);
    EXECUTE CASE mode WHEN 3 THEN format('SELECT count(*) AS found, sum(id) AS ids FROM %I p WHERE %s', relation, search_condition(relation::regclass, q.query::userquery, 'p'))
                      WHEN 4 THEN format('SELECT count(*) AS found, sum(id) AS ids FROM %I p WHERE NOT (p @@ (!! %L::userquery))', relation, q.query)
                      ELSE format('SELECT count(*) AS found, sum(id) AS ids FROM %I p WHERE p @@ %L', relation, q.query) END INTO got;
    IF (got.found, got.ids) IS DISTINCT FROM (expected.found, expected.ids) THEN
      problem := concat_ws(', ', nullif(problem, ''), 'mode ' || mode);
    END IF;
  END LOOP;
  problem := nullif(problem, '');
END $$;

CREATE TABLE trials AS
  SELECT g AS n, CASE g % 4 WHEN 0 THEN 'profiles' WHEN 1 THEN 'parted' ELSE 'people' END AS relation FROM generate_series(1, :nqueries) g;
ALTER TABLE trials ADD COLUMN q leaf, ADD COLUMN problem text, ADD COLUMN hits bigint;
UPDATE trials SET q = some_query(relation, 3);
UPDATE trials SET (problem, hits) = (SELECT d.problem, d.hits FROM differences(relation, q) d);
SELECT n, relation, problem, (q).query FROM trials WHERE problem IS NOT NULL ORDER BY length((q).query), n LIMIT 10;
-- Most queries must find something and leave something, or this would prove little.
SELECT count(*) FILTER (WHERE hits > 0 AND hits < :nrows) > :nqueries * 0.6 AS are_telling, count(*) = :nqueries AS are_all FROM trials;
