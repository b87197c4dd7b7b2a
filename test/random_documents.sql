-- Random JSON documents and queries, from pools small enough that everything meets everything.
-- Included with:  \set random_documents :abs_srcdir '/random_documents.sql'
--                 \i :random_documents
-- Sets ndocuments and nqueries, which are small where the environment has USERDIR_FEW.
\set ECHO none
\getenv few USERDIR_FEW
\if :{?few}
  \set ndocuments 320
  \set nqueries 80
\else
  \set ndocuments 2000
  \set nqueries 2000
\endif
SET client_min_messages = warning;
CREATE SCHEMA random_documents;
SELECT set_config('search_path', 'random_documents, ' || current_setting('search_path'), false) AS path \gset

CREATE FUNCTION pick(VARIADIC items text[]) RETURNS text LANGUAGE sql VOLATILE AS
$$ SELECT items[1 + floor(random() * cardinality(items))::integer] $$;

-- Names of members: common ones, such as need escapes, and such as make paths that are too long for
-- a key and are told apart at their ends alone.
CREATE FUNCTION random_name() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT pick('a', 'b', 'b', 'c', 'ab', 'a b', 'd.e', 'ü', '', 'a_name_that_is_rather_long_0', 'a_name_that_is_rather_long_1') $$;

-- Strings: words, what looks like a number, boolean or date, and what is too long for a key.
CREATE FUNCTION random_string() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT CASE floor(random() * 6)::integer
    WHEN 0 THEN pick('', 'x', 'y', 'xy', 'xyz', 'Xy', 'x y', 'ä', 'äx', 'true', 'false', 'null', '*', '?', 'a"b', 'a\b', '(')
    WHEN 1 THEN pick('13', '13.0', '7', '-7', '+7', '007', '1e1', '2021', '2021-04')
    WHEN 2 THEN pick('2021-04-05', '2021-04-05T10:30', '2021-04-05 10:30:00', '2021-04-05T10:30:07.25Z', '2021-04-05T01:30:00+02:00', '2021-04-30T23:59:59.999999Z',
                     '2021-05-01', '2021-05-01T00:00:00-0130', '2021-13-01', '2021-02-29', '2021-04-05T10', '2021-04-05T24:00', '2020-12-31', '2021-04-05t10:30', ' 2021-04-05')
    WHEN 3 THEN repeat('x', 40 + floor(random() * 12)::integer) || pick('', 'a', 'b')
    WHEN 4 THEN repeat('y', 48) || pick('', 'a', 'b', 'ab', '2021-04-05')
    ELSE pick('x', 'y', 'z', 'w', 'xyw') || pick('x', 'y', 'z', 'w') || pick('', 'x', 'y') END $$;

-- Numbers: equal ones in different spellings, such as a double cannot tell apart, and such as are
-- too long for a key.
CREATE FUNCTION random_number() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT CASE floor(random() * 4)::integer
    WHEN 0 THEN pick('0', '-0', '1', '7', '-7', '13', '13.0', '1.3e1', '0.5', '-0.5', '0.05', '100', '1e2', '99.99', '2021')
    WHEN 1 THEN pick('1e300', '-1e300', '1e-300', '1e131', '12e130', '9007199254740993', '9007199254740992', '-9007199254740993', '0.1', '0.10000000000000000001')
    WHEN 2 THEN pick('', '-') || '1234567890123456789012345678901234567' || pick('890', '8901', '8902', '89', '891', '8900') || pick('', '.5', '.25', '5')
    ELSE floor(random() * 40 - 20)::integer::text END $$;

CREATE FUNCTION random_scalar() RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT CASE floor(random() * 8)::integer
    WHEN 0 THEN 'true' WHEN 1 THEN 'false' WHEN 2 THEN 'null'
    WHEN 3 THEN random_number()::jsonb WHEN 4 THEN random_number()::jsonb
    ELSE to_jsonb(random_string()) END $$;

CREATE FUNCTION random_document(depth integer) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  kind double precision := random();
BEGIN
  IF depth = 0 OR kind < 0.25 THEN
    RETURN random_scalar();
  ELSIF kind < 0.5 THEN
    RETURN (SELECT coalesce(jsonb_agg(random_document(depth - 1)), '[]') FROM generate_series(1, floor(random() * 4)::integer));
  END IF;
  RETURN (SELECT coalesce(jsonb_object_agg(random_name(), random_document(depth - 1)), '{}') FROM generate_series(1, floor(random() * 5)::integer));
END $$;

-- A query is a tree: {"and": [...]}, {"or": [...]}, {"not": [...]}, or a condition on a path:
-- {"path": [...], "exists": true}, {"term": text, "quoted": boolean}, {"pattern": [literal or "*" or "?" as {"any": ...}]},
-- {"low": text or null, "low_inclusive": boolean, "low_quoted": boolean, "high": ...}.
CREATE FUNCTION random_path() RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  path jsonb;
BEGIN
  LOOP
    path := (SELECT jsonb_agg(random_name()) FROM generate_series(1, 1 + floor(random() * random() * 3)::integer));
    EXIT WHEN path <> '[""]';
  END LOOP;
  RETURN path;
END $$;

CREATE FUNCTION random_value() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT CASE floor(random() * 4)::integer
    WHEN 0 THEN random_number()
    WHEN 1 THEN pick('2021', '2021-04', '2021-04-05', '2021-04-05T10', '2021-04-05T10:30', '2021-05', '2020-12')
    ELSE random_string() END $$;

CREATE FUNCTION random_pattern() RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT jsonb_agg(CASE WHEN part IN ('*', '?') THEN jsonb_build_object('any', part) ELSE to_jsonb(part) END)
    FROM unnest(ARRAY[pick('*', '', 'x', '?'), pick('x', 'y', 'xy', 'ä', repeat('x', 40), repeat('y', 48), repeat('y', 49)), pick('*', '?'), pick('', '?', 'y', 'x'), pick('', '*', 'a')]) part
   WHERE part <> '' $$;

CREATE FUNCTION random_condition() RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  kind integer := floor(random() * 6);
  numbers boolean := random() < 0.4;
BEGIN
  RETURN jsonb_build_object('path', random_path()) || CASE
    WHEN kind = 0 THEN '{"exists": true}'
    WHEN kind = 1 THEN jsonb_build_object('pattern', random_pattern())
    WHEN kind < 4 THEN
      (SELECT jsonb_object_agg(side, CASE WHEN random() < 0.25 THEN NULL WHEN numbers THEN random_number() ELSE random_value() END)
              || jsonb_object_agg(side || '_inclusive', random() < 0.5) || jsonb_object_agg(side || '_quoted', random() < 0.2)
         FROM unnest('{low,high}'::text[]) side)
    ELSE jsonb_build_object('term', random_value(), 'quoted', random() < 0.3) END;
END $$;

CREATE FUNCTION random_query(depth integer) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  kind double precision := random();
  operator text := CASE WHEN kind < 0.5 THEN 'not' WHEN kind < 0.75 THEN 'and' ELSE 'or' END;
BEGIN
  IF depth = 0 OR kind < 0.35 THEN
    RETURN random_condition();
  END IF;
  RETURN jsonb_build_object(operator, (SELECT jsonb_agg(random_query(depth - 1)) FROM generate_series(1, CASE operator WHEN 'not' THEN 1 ELSE 2 + floor(random() * 2)::integer END)));
END $$;

-- The text of a query.
CREATE FUNCTION escaped(value text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT regexp_replace(value, '([-+&|!(){}\[\]^"~*?:\\/ .<>=])', '\\\1', 'g') $$;

CREATE FUNCTION value_text(value text, quoted boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN value IS NULL THEN '*' WHEN quoted OR value = '' THEN '"' || regexp_replace(value, '(["\\])', '\\\1', 'g') || '"'
              ELSE escaped(value) END $$;

CREATE FUNCTION query_text(q jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  field text := (SELECT string_agg(escaped(name), '.' ORDER BY n) FROM jsonb_array_elements_text(q -> 'path') WITH ORDINALITY p (name, n));
BEGIN
  RETURN CASE
    WHEN q ? 'not' THEN 'NOT (' || query_text(q -> 'not' -> 0) || ')'
    WHEN q ? 'and' THEN (SELECT string_agg('(' || query_text(o) || ')', ' AND ' ORDER BY n) FROM jsonb_array_elements(q -> 'and') WITH ORDINALITY x (o, n))
    WHEN q ? 'or' THEN (SELECT string_agg('(' || query_text(o) || ')', ' OR ' ORDER BY n) FROM jsonb_array_elements(q -> 'or') WITH ORDINALITY x (o, n))
    WHEN q ? 'exists' THEN '_exists_:' || field
    WHEN q ? 'term' THEN field || ':' || value_text(q ->> 'term', (q -> 'quoted')::boolean)
    WHEN q ? 'pattern' THEN
      field || ':' || (SELECT string_agg(CASE jsonb_typeof(p) WHEN 'string' THEN escaped(p #>> '{}') ELSE p ->> 'any' END, '' ORDER BY n)
                         FROM jsonb_array_elements(q -> 'pattern') WITH ORDINALITY x (p, n))
    ELSE field || ':' || CASE WHEN (q -> 'low_inclusive')::boolean THEN '[' ELSE '{' END || value_text(q ->> 'low', (q -> 'low_quoted')::boolean) || ' TO '
         || value_text(q ->> 'high', (q -> 'high_quoted')::boolean) || CASE WHEN (q -> 'high_inclusive')::boolean THEN ']' ELSE '}' END END;
END $$;

-- What a query means, spelled out a second time, slowly.
CREATE FUNCTION values_at(document jsonb, path text[]) RETURNS SETOF jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF jsonb_typeof(document) = 'array' THEN
    RETURN QUERY SELECT v FROM jsonb_array_elements(document) e, values_at(e, path) v;
  ELSIF path = '{}' THEN
    RETURN NEXT document;
  ELSIF jsonb_typeof(document) = 'object' AND document ? path[1] THEN
    RETURN QUERY SELECT values_at(document -> path[1], path[2:]);
  END IF;
END $$;

CREATE FUNCTION instant(value text) RETURNS timestamptz LANGUAGE plpgsql STRICT IMMUTABLE SET timezone = 'UTC' AS $$
BEGIN
  IF value ~ '^\d{4}-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?$' THEN
    RETURN value::timestamptz;
  END IF;
  RETURN NULL;
EXCEPTION WHEN datetime_field_overflow THEN
  RETURN NULL;
END $$;

CREATE FUNCTION interval_of(value text) RETURNS tstzrange LANGUAGE plpgsql STRICT IMMUTABLE SET timezone = 'UTC' AS $$
BEGIN
  RETURN CASE
    WHEN value ~ '^\d{4}-\d\d$' THEN tstzrange((value || '-01')::timestamptz, (value || '-01')::timestamptz + interval '1 month')
    WHEN value ~ '^\d{4}-\d\d-\d\d$' THEN tstzrange(value::timestamptz, value::timestamptz + interval '1 day')
    WHEN value ~ '^\d{4}-\d\d-\d\dT([01]\d|2[0-3])$' THEN tstzrange((value || ':00')::timestamptz, (value || ':00')::timestamptz + interval '1 hour')
    WHEN value ~ '^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d$' THEN tstzrange(value::timestamptz, value::timestamptz + interval '1 minute')
    WHEN value ~ '^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d([+-]\d\d(:?\d\d)?)?$' THEN tstzrange(value::timestamptz, value::timestamptz + interval '1 second')
    WHEN value ~ '^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d\.\d\dZ$' THEN tstzrange(value::timestamptz, value::timestamptz + interval '10 milliseconds')
    WHEN value ~ '^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d\.\d{6}Z$' THEN tstzrange(value::timestamptz, value::timestamptz + interval '1 microsecond') END;
EXCEPTION WHEN datetime_field_overflow THEN
  RETURN NULL;
END $$;

-- What a bound of a range of dates stands for, which may be a bare year as well.
CREATE FUNCTION bound_interval_of(value text) RETURNS tstzrange LANGUAGE sql STRICT IMMUTABLE SET timezone = 'UTC' AS $$
  SELECT CASE WHEN value ~ '^\d{4}$' AND value <> '0000' THEN tstzrange((value || '-01-01')::timestamptz, (value || '-01-01')::timestamptz + interval '1 year')
              ELSE interval_of(value) END $$;

CREATE FUNCTION number_of(value text) RETURNS numeric LANGUAGE sql STRICT IMMUTABLE AS
$$ SELECT CASE WHEN value ~ '^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$' THEN value::numeric END $$;

CREATE FUNCTION is_in(v anyelement, low anyelement, low_inclusive boolean, high anyelement, high_inclusive boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(v > low OR low_inclusive AND v = low, true) AND coalesce(v < high OR high_inclusive AND v = high, true) $$;

CREATE FUNCTION in_range(v jsonb, q jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  low text := q ->> 'low'; high text := q ->> 'high';
  low_inclusive boolean := q -> 'low_inclusive'; high_inclusive boolean := q -> 'high_inclusive';
  bare_low text := CASE WHEN NOT (q -> 'low_quoted')::boolean AND low <> '' THEN low END;
  bare_high text := CASE WHEN NOT (q -> 'high_quoted')::boolean AND high <> '' THEN high END;
  at timestamptz := CASE jsonb_typeof(v) WHEN 'string' THEN instant(v #>> '{}') END;
BEGIN
  IF low IS NULL AND high IS NULL THEN
    RETURN v NOT IN ('null', '{}');
  ELSIF (low IS NULL OR number_of(bare_low) IS NOT NULL) AND (high IS NULL OR number_of(bare_high) IS NOT NULL) THEN
    RETURN jsonb_typeof(v) = 'number' AND is_in(v::numeric, low::numeric, low_inclusive, high::numeric, high_inclusive);
  ELSIF (low IS NULL OR bound_interval_of(bare_low) IS NOT NULL) AND (high IS NULL OR bound_interval_of(bare_high) IS NOT NULL) THEN
    RETURN at IS NOT NULL
       AND coalesce(CASE WHEN low_inclusive THEN at >= lower(bound_interval_of(low)) ELSE at >= upper(bound_interval_of(low)) END, true)
       AND coalesce(CASE WHEN high_inclusive THEN at < upper(bound_interval_of(high)) ELSE at < lower(bound_interval_of(high)) END, true);
  END IF;
  RETURN jsonb_typeof(v) = 'string' AND is_in(convert_to(v #>> '{}', 'UTF8'), convert_to(low, 'UTF8'), low_inclusive, convert_to(high, 'UTF8'), high_inclusive);
END $$;

CREATE FUNCTION fulfils(v jsonb, q jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  bare boolean := NOT coalesce((q -> 'quoted')::boolean, true) AND q ->> 'term' <> '';
BEGIN
  IF q ? 'exists' THEN
    RETURN v NOT IN ('null', '{}');
  ELSIF q ? 'term' THEN
    RETURN coalesce(v = to_jsonb(q ->> 'term')
                    OR bare AND jsonb_typeof(v) = 'number' AND v::numeric = number_of(q ->> 'term')
                    OR bare AND jsonb_typeof(v) = 'boolean' AND v::text = q ->> 'term'
                    OR bare AND jsonb_typeof(v) = 'string' AND instant(v #>> '{}') <@ interval_of(q ->> 'term'), false);
  ELSIF q ? 'pattern' THEN
    RETURN jsonb_typeof(v) = 'string' AND v #>> '{}' ~ (
      SELECT '^' || string_agg(CASE WHEN p ->> 'any' = '*' THEN '.*' WHEN p ->> 'any' = '?' THEN '.' ELSE regexp_replace(p #>> '{}', '(\W)', '\\\1', 'g') END, '' ORDER BY n) || '$'
        FROM jsonb_array_elements(q -> 'pattern') WITH ORDINALITY x (p, n));
  END IF;
  RETURN in_range(v, q);
END $$;

CREATE FUNCTION means(document jsonb, q jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN CASE
    WHEN q ? 'not' THEN NOT means(document, q -> 'not' -> 0)
    WHEN q ? 'and' THEN (SELECT bool_and(means(document, o)) FROM jsonb_array_elements(q -> 'and') o)
    WHEN q ? 'or' THEN (SELECT bool_or(means(document, o)) FROM jsonb_array_elements(q -> 'or') o)
    ELSE EXISTS (SELECT FROM values_at(document, ARRAY(SELECT jsonb_array_elements_text(q -> 'path'))) v WHERE fulfils(v, q)) END;
END $$;
RESET client_min_messages;
\set ECHO all
