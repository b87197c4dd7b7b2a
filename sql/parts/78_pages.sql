-- Pages of users: sort orders, cursors, and the way a page is made.

CREATE FUNCTION userdir._fetch_page(query text, descending boolean[], skip bigint, size integer, count_all boolean,
    start text DEFAULT NULL, start_id text DEFAULT NULL,
    OUT ids text[], OUT total bigint, OUT estimate double precision, OUT how text)
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir__fetch_page';
COMMENT ON FUNCTION userdir._fetch_page(text, boolean[], bigint, integer, boolean, text, text) IS
'Makes one page of the rows of a query, with the rights of the caller.

query: a SELECT without ORDER BY and LIMIT that returns an id, then the sort keys. descending: a direction for each key. skip, size: the page. count_all: whether all rows are to be counted. start, start_id: the first key, as text, and the id of the place behind which the page begins; the query itself leaves out what comes before it.
Result: the ids in their order; how many rows there are, null when they were not counted; the planner''s estimate of it; how the page was made: sorted, walked, walked by bitmap, planned.
Errors: 22023 for a page of more than a million rows; 42804 for a query that does not return a text and so many sort keys; 22004 for a row without an id.';

CREATE FUNCTION userdir._sort_path(field text) RETURNS text[]
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  -- In strings that mean the same whatever standard_conforming_strings says.
  SELECT CASE
    WHEN field = '' THEN ARRAY['']
    WHEN strpos(field, E'\\') = 0 THEN string_to_array(field, '.')
    ELSE (
      -- Pieces: a character with its backslash, what has neither, a dot, a backslash with nothing behind it. A dot begins a name.
      SELECT array_agg(n.name ORDER BY n.number)
        FROM (SELECT p.number, string_agg(p.text, '' ORDER BY p.place) AS name
                FROM (SELECT t.place, count(*) FILTER (WHERE t.piece = '.') OVER (ORDER BY t.place) AS number,
                             CASE WHEN t.piece = '.' THEN '' WHEN length(t.piece) = 2 AND t.piece LIKE E'\\\\%' THEN right(t.piece, 1) ELSE t.piece END AS text
                        FROM (SELECT 0 AS place, '' AS piece
                              UNION ALL SELECT m.place, m.found[1] FROM regexp_matches(field, E'\\\\.|[^.\\\\]+|[.]|\\\\$', 'g') WITH ORDINALITY m (found, place)) t) p
               GROUP BY p.number) n) END
$$;
COMMENT ON FUNCTION userdir._sort_path(text) IS
'Splits a field name at its dots; a backslash takes the meaning from the character behind it.';

CREATE FUNCTION userdir._sort_key(relation text, field text, OUT expression text, OUT type text, OUT nullable boolean)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  path text[] := userdir._sort_path(field);
  col record;
BEGIN
  SELECT a.atttypid, format_type(a.atttypid, NULL) AS type, NOT a.attnotnull AS nullable, t.typcategory
    INTO col
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
   WHERE a.attrelid = relation::regclass AND a.attname = path[1] AND a.attnum > 0 AND NOT a.attisdropped;
  IF NOT FOUND OR col.atttypid = 'json'::regtype OR cardinality(path) > 1 AND col.atttypid <> 'jsonb'::regtype THEN
    RAISE EXCEPTION 'users cannot be sorted by "%"', left(field, 64)
      USING ERRCODE = 'invalid_parameter_value',
            HINT = format('Sort by %s, or by a path like user_metadata.ui.size.',
                          (SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute a
                            WHERE a.attrelid = 'userdir.profiles'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid NOT IN ('json'::regtype, 'jsonb'::regtype)));
  END IF;

  type := col.type;
  nullable := col.nullable;
  IF col.atttypid = 'jsonb'::regtype THEN
    nullable := true;
    expression := CASE WHEN cardinality(path) = 1 THEN format('p.%I', path[1])
                       ELSE format('userdir.metadata_sort_key(p.%I, VARIADIC %L::text[])', path[1], path[2:]) END;
  ELSIF path[1] IN ('email', 'name', 'given_name', 'family_name', 'nickname') THEN
    expression := format('userdir.fold_case(p.%I) COLLATE "C"', path[1]);
  ELSIF col.typcategory = 'S' THEN
    -- As text, because the order of another type may not be that of its operators on our path.
    type := 'text';
    expression := format('p.%I::text COLLATE "C"', path[1]);
  ELSE
    expression := format('p.%I', path[1]);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._sort_key(text, text) IS
'Returns the SQL expression, over alias p, that a field is sorted by, its type, and whether it can be null.

relation: userdir.users or userdir.profiles. field: a column, or a path into a JSONB column. Text is compared by its characters'' codes, the five fields that search folds after folding.
Errors: 22023 when users have no such field.';

CREATE FUNCTION userdir._parse_sort(sort text, OUT fields text[], OUT descending boolean[])
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  item text;
  parts text[];
BEGIN
  fields := '{}';
  descending := '{}';
  FOREACH item IN ARRAY string_to_array(coalesce(sort, ''), ',') LOOP
    parts := regexp_match(item, '^ *([^ ].*):(1|-1) *$');
    IF parts IS NULL OR cardinality(fields) = 8 THEN
      RAISE EXCEPTION 'sort must be up to 8 of field:1 or field:-1, separated by commas'
        USING ERRCODE = 'invalid_parameter_value', HINT = 'For example: created_at:-1, or family_name:1,user_metadata.ui.size:-1.';
    END IF;
    fields := fields || parts[1];
    descending := descending || (parts[2] = '-1');
  END LOOP;
  IF fields = '{}' THEN
    RAISE EXCEPTION 'sort must not be empty' USING ERRCODE = 'invalid_parameter_value', HINT = 'For example: created_at:-1.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._parse_sort(text) IS
'Reads a sort order: field:1 (ascending) or field:-1, several separated by commas.

Errors: 22023 when it is malformed.';

CREATE FUNCTION userdir._cursor_value(place jsonb, key integer, type text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT format('%L::%s', CASE WHEN type = 'jsonb' THEN (place -> (key - 1))::text ELSE place ->> (key - 1) END, type) $$;
COMMENT ON FUNCTION userdir._cursor_value(jsonb, integer, text) IS
'Returns the value of a sort key, counted from 1, in a place of a list as SQL.';

CREATE FUNCTION userdir._encode_cursor(relation text, sort text, keys text, user_id text) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  -- A value has to come back as itself, whatever the settings are then.
  SET extra_float_digits = 1 SET datestyle = 'ISO' SET intervalstyle = 'iso_8601'
AS $$
DECLARE
  encoded text;
BEGIN
  EXECUTE format('SELECT encode(convert_to(jsonb_build_array(%L::text, %s, p.user_id)::text, ''UTF8''), ''hex'') FROM %s p WHERE p.user_id = $1',
                 sort, keys, relation)
     INTO encoded USING user_id;
  RETURN encoded;
END
$$;
COMMENT ON FUNCTION userdir._encode_cursor(text, text, text, text) IS
'Returns the cursor for what follows a user in a sorted list.

relation: as for _page_of_users(). sort: the sort order; keys: its keys as SQL over alias p.';

CREATE FUNCTION userdir._decode_cursor(cursor text, sort text, types text[]) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  keys integer := cardinality(types);
  place jsonb;
BEGIN
  BEGIN
    place := convert_from(decode(cursor, 'hex'), 'UTF8')::jsonb;
    IF jsonb_typeof(place) <> 'array' OR jsonb_array_length(place) <> keys + 2
       OR place ->> 0 IS DISTINCT FROM sort OR place ->> -1 IS NULL THEN
      RAISE invalid_parameter_value;
    END IF;
    place := place - 0;
    FOR i IN 1 .. keys LOOP
      EXECUTE 'SELECT ' || userdir._cursor_value(place, i, types[i]);
    END LOOP;
  EXCEPTION WHEN data_exception OR character_not_in_repertoire OR untranslatable_character OR program_limit_exceeded OR statement_too_complex THEN
    RAISE EXCEPTION 'the cursor is not one of this list'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Pass the value of "next" from the page before, with the same sort.';
  END;
  RETURN place;
END
$$;
COMMENT ON FUNCTION userdir._decode_cursor(text, text, text[]) IS
'Returns the place that a cursor stands for: the values of the sort keys, then the user_id.

sort: the sort order that it has to be of; types: those of its keys.
Errors: 22023 when it is none of this sort order, or holds a value that is none of its key''s type.';

CREATE FUNCTION userdir._beyond(expressions text[], types text[], nullable boolean[], descending boolean[], place jsonb) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  keys integer := cardinality(expressions);
  condition text := format('p.user_id %s %L', CASE WHEN descending[1] THEN '<' ELSE '>' END, place ->> keys);
  value text;
  beyond text;
BEGIN
  -- One key that is never null makes a row comparison, which an index answers as one range.
  IF keys = 1 AND NOT nullable[1] AND place -> 0 <> 'null' THEN
    RETURN format('(%s, p.user_id) %s (%s, %L)', expressions[1], CASE WHEN descending[1] THEN '<' ELSE '>' END,
                  userdir._cursor_value(place, 1, types[1]), place ->> keys);
  END IF;
  FOR i IN REVERSE keys .. 1 LOOP
    IF place -> (i - 1) = 'null' THEN
      condition := format('(%s IS NULL AND %s)', expressions[i], condition);
    ELSE
      value := userdir._cursor_value(place, i, types[i]);
      beyond := CASE WHEN descending[i] THEN '<' ELSE '>' END;
      condition := format('(%1$s %2$s %3$s OR %1$s = %3$s AND %4$s%5$s)', expressions[i], beyond, value, condition,
                          CASE WHEN nullable[i] THEN format(' OR %s IS NULL', expressions[i]) ELSE '' END);
    END IF;
  END LOOP;
  RETURN condition;
END
$$;
COMMENT ON FUNCTION userdir._beyond(text[], text[], boolean[], boolean[], jsonb) IS
'Returns the SQL condition for the rows that follow a place in a sorted list; nulls stand last in both directions.

The arrays hold a sort key each; place: their values and then the user_id.';

CREATE FUNCTION userdir._page_of_users(relation text, condition text, sort text, skip bigint, size integer, count_all boolean, by_cursor boolean, after text,
    OUT ids text[], OUT next text, OUT total bigint, OUT estimate bigint, OUT how text)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  parsed record := userdir._parse_sort(sort);
  expressions text[] := '{}';
  types text[] := '{}';
  nullable boolean[] := '{}';
  field text;
  key record;
  place jsonb;
  keys text;
  fetched record;
BEGIN
  FOREACH field IN ARRAY parsed.fields LOOP
    key := userdir._sort_key(relation, field);
    expressions := expressions || key.expression;
    types := types || key.type;
    nullable := nullable || key.nullable;
  END LOOP;
  keys := array_to_string(expressions, ', ');
  IF after IS NOT NULL THEN
    place := userdir._decode_cursor(after, sort, types);
    condition := format('%s AND (%s)', condition, userdir._beyond(expressions, types, nullable, parsed.descending, place));
  END IF;

  fetched := userdir._fetch_page(format('SELECT p.user_id, %s FROM %s p WHERE %s', keys, relation, condition),
                                 parsed.descending, skip, size, count_all,
                                 CASE WHEN place -> 0 = 'null' THEN NULL WHEN types[1] = 'jsonb' THEN (place -> 0)::text ELSE place ->> 0 END, place ->> -1);
  ids := fetched.ids;
  total := fetched.total;
  estimate := round(fetched.estimate);
  how := fetched.how;
  IF by_cursor AND cardinality(ids) = size THEN
    next := userdir._encode_cursor(relation, sort, keys, ids[size]);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._page_of_users(text, text, text, bigint, integer, boolean, boolean, text) IS
'Returns the ids of a page of users.

relation: userdir.users or userdir.profiles. condition: SQL over alias p. sort: as for list_users(). skip, size: the page. count_all: whether the total is wanted exactly. by_cursor: whether the place of the page that follows is wanted. after: a cursor, or null.
Result: the ids; with by_cursor the cursor of the page that follows, null after the last; the total, null when it was not counted; its estimate; how the page was made.
Errors: 22023 for a bad sort or cursor.';
