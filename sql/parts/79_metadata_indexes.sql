-- Indexes on one path of the metadata: declared by the application, ordinary indexes on userdir.users.
--
-- They are known by what they are, not by a list: a dump keeps them, DROP INDEX drops them, and one
-- that was made by hand, concurrently, say, counts as well.

CREATE FUNCTION userdir._metadata_path(path text) RETURNS text[]
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  names text[];
BEGIN
  IF octet_length(path) > 500 THEN
    RAISE EXCEPTION 'the path is longer than 500 bytes' USING ERRCODE = 'program_limit_exceeded';
  END IF;
  names := userdir._sort_path(path);
  IF names[1] IS NULL OR names[1] NOT IN ('user_metadata', 'app_metadata') OR cardinality(names) < 2 THEN
    RAISE EXCEPTION 'path "%" does not lead below user_metadata or app_metadata', left(path, 64)
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Write it as in a query: app_metadata.stripe.customer.';
  ELSIF '' = ANY (names) THEN
    RAISE EXCEPTION 'path "%" has an empty name', left(path, 64)
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Names are separated by single dots; a backslash takes the meaning from a dot.';
  END IF;
  RETURN names;
END
$$;
COMMENT ON FUNCTION userdir._metadata_path(text) IS
'Reads a path into the metadata: the column, then the names below it.

Errors: 22023 when it does not lead below user_metadata or app_metadata, or has an empty name; 54000 when it is too long.';

CREATE FUNCTION userdir._metadata_path_text(names text[]) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT string_agg(regexp_replace(name, E'([.\\\\])', E'\\\\\\1', 'g'), '.' ORDER BY place) FROM unnest(names) WITH ORDINALITY n (name, place) $$;
COMMENT ON FUNCTION userdir._metadata_path_text(text[]) IS 'Writes a path as _metadata_path() reads it.';

CREATE FUNCTION userdir._metadata_index_name(names text[], type text) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  readable text := array_to_string(names[2:], '_');
  name text := format('users_%s_%s_%s_idx', names[1], readable, type);
BEGIN
  -- Of such names no two paths have the same, nor is there a double underscore in any.
  IF octet_length(name) <= 63 AND NOT EXISTS (SELECT FROM unnest(names[2:]) n WHERE n COLLATE "C" !~ '^[a-z0-9]+$') THEN
    RETURN name;
  END IF;
  RETURN format('users_%s_%s__%s_%s_idx', names[1],
                left(btrim(regexp_replace(lower(readable COLLATE "C"), '[^a-z0-9]+', '_', 'g'), '_'), 15),
                left(encode(sha256(convert_to(names::text, 'UTF8')), 'hex'), 12), type);
END
$$;
COMMENT ON FUNCTION userdir._metadata_index_name(text[], text) IS
'Returns the name of the index of a type on a path: readable, at most 63 bytes, with a hash where letters alone do not tell it from that of another path.';

CREATE FUNCTION userdir._metadata_index_definition(names text[], type text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE type
    WHEN 'search' THEN
      format('gin (%I userdir.jsonb_query_paths_ops (paths = %L)) WITH (gin_pending_list_limit = 256)', names[1],
             (SELECT string_agg(regexp_replace(name, E'([.,\\\\ ])', E'\\\\\\1', 'g'), '.' ORDER BY place)
                FROM unnest(names[2:]) WITH ORDINALITY n (name, place)))
    WHEN 'sort' THEN format('btree (userdir.metadata_sort_key(%I, VARIADIC %L::text[]), user_id)', names[1], names[2:])
    ELSE format('btree (userdir.metadata_%s(%I, VARIADIC %L::text[]))', type, names[1], names[2:]) END
$$;
COMMENT ON FUNCTION userdir._metadata_index_definition(text[], text) IS 'Returns the definition of the index of a type on a path, from its access method on.';

CREATE FUNCTION userdir._array_of_sql(expression text) RETURNS text[]
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  SET standard_conforming_strings = on
AS $$
DECLARE
  literal text := '''((?:[^'']|'''')*)''::text';
BEGIN
  IF expression ~ format('^%s\[\]$', literal) THEN
    RETURN replace(substring(expression FROM literal), '''''', '''')::text[];
  ELSIF expression ~ format('^ARRAY\[%1$s(?:, %1$s)*\]$', literal) THEN
    RETURN ARRAY(SELECT replace(m[1], '''''', '''') FROM regexp_matches(expression, literal, 'g') m);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION userdir._array_of_sql(text) IS 'Reads an array of strings as PostgreSQL prints it in definitions, without running anything; null for any other expression.';

CREATE FUNCTION userdir._metadata_index_column(index oid, OUT names text[], OUT type text)
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  SET standard_conforming_strings = on
AS $$
DECLARE
  i record;
  parts text[];
  paths text;
BEGIN
  SELECT x.indnkeyatts, x.indkey, x.indoption, x.indcollation, x.indpred IS NULL AS of_all_rows, m.amname AS method,
         o.opcdefault AS usual, o.opcnamespace = 'userdir'::regnamespace AND o.opcname = 'jsonb_query_paths_ops' AS of_paths,
         c.attname AS name, pg_get_indexdef(index, 1, false) AS key,
         (SELECT k.attname FROM pg_attribute k WHERE k.attrelid = x.indrelid AND k.attnum = x.indkey[1] AND x.indkey[1] > 0) AS second_column,
         (SELECT p.attname FROM pg_attribute p WHERE p.attrelid = x.indrelid AND p.attnum = x.indkey[0] AND x.indkey[0] > 0) AS first_column,
         c.attoptions AS options
    INTO i
    FROM pg_index x
    JOIN pg_class r ON r.oid = x.indexrelid JOIN pg_am m ON m.oid = r.relam
    JOIN pg_opclass o ON o.oid = x.indclass[0]
    JOIN pg_attribute c ON c.attrelid = x.indexrelid AND c.attnum = 1
   WHERE x.indexrelid = index;
  IF NOT i.of_all_rows THEN
    RETURN;
  END IF;

  IF i.of_paths AND i.indnkeyatts = 1 AND i.first_column IN ('user_metadata', 'app_metadata') THEN
    paths := (SELECT substring(o FROM '^paths=(.*)$') FROM unnest(i.options) o WHERE o LIKE 'paths=%');
    -- One path, not several: a comma has an odd number of backslashes before it.
    IF paths !~ E'(?<!(?:^|[^\\\\])(?:\\\\\\\\)*\\\\),' THEN
      names := i.first_column || userdir._sort_path(regexp_replace(paths, E'^ +|(?<!\\\\) +$', '', 'g'));
      type := 'search';
    END IF;
  ELSIF i.method = 'btree' AND i.usual AND i.indoption[0] = 0 AND i.indcollation[0] IN (0, 'default'::regcollation) THEN
    parts := regexp_match(i.key, '^userdir\.metadata_(text|number|boolean|date|sort_key)\((user_metadata|app_metadata), VARIADIC (.*)\)$');
    IF parts[1] = 'sort_key' AND i.indnkeyatts = 2 AND i.second_column = 'user_id' AND i.indoption[1] = 0
       OR parts[1] <> 'sort_key' AND i.indnkeyatts = 1 THEN
      names := parts[2] || userdir._array_of_sql(parts[3]);
      type := CASE parts[1] WHEN 'sort_key' THEN 'sort' ELSE parts[1] END;
    END IF;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._metadata_index_column(oid) IS
'Tells the path and type of an index on userdir.users as create_metadata_index() makes them; nulls for any other index.';

CREATE FUNCTION userdir.metadata_indexes(OUT name text, OUT path text, OUT type text, OUT unique_values boolean, OUT valid boolean,
    OUT size bigint, OUT definition text) RETURNS SETOF record
  LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT r.relname::text, userdir._metadata_path_text(c.names), c.type, x.indisunique, x.indisvalid, pg_relation_size(r.oid), pg_get_indexdef(r.oid)
    FROM pg_index x JOIN pg_class r ON r.oid = x.indexrelid,
         userdir._metadata_index_column(r.oid) c
   WHERE x.indrelid = to_regclass('userdir.users') AND c.names IS NOT NULL
   ORDER BY 2, 3, 1
$$;
COMMENT ON FUNCTION userdir.metadata_indexes() IS
'Lists the indexes on paths of the metadata: those of create_metadata_index(), and others that are the same.

Result: name; path, as in queries; type; unique_values; valid, false for one that CREATE INDEX CONCURRENTLY left unfinished; size in bytes; definition, the statement that makes it again.';

CREATE FUNCTION userdir._check_metadata_index_type(type text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF type IS NULL OR type NOT IN ('search', 'sort', 'text', 'number', 'boolean', 'date') THEN
    RAISE EXCEPTION 'unknown type "%" of index', left(type, 64)
      USING ERRCODE = 'invalid_parameter_value', HINT = 'The types are search, sort, text, number, boolean and date.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_metadata_index_type(text) IS 'Raises 22023 for a type of index that there is not.';

CREATE FUNCTION userdir._create_metadata_index(path text, type text, unique_values boolean) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  names text[] := userdir._metadata_path(path);
  found record;
  new_name text;
BEGIN
  PERFORM userdir._check_metadata_index_type(type);
  unique_values := coalesce(unique_values, false);
  IF unique_values AND type IN ('search', 'sort') THEN
    RAISE EXCEPTION 'an index of type "%" cannot be unique', type
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Make one of type text, number, boolean or date.';
  END IF;

  -- Like install(), which must not run at the same time.
  PERFORM pg_advisory_xact_lock(hashtext('userdir.install'));
  SELECT i.name, i.unique_values, i.valid INTO found
    FROM userdir.metadata_indexes() i
   WHERE i.path = userdir._metadata_path_text(names) AND i.type = _create_metadata_index.type
   ORDER BY i.valid DESC, i.unique_values = _create_metadata_index.unique_values DESC, i.name LIMIT 1;
  IF found.valid AND found.unique_values = unique_values THEN
    RETURN found.name;
  ELSIF found.name IS NOT NULL THEN
    RAISE EXCEPTION 'index "%" on this path %', found.name,
                    CASE WHEN NOT found.valid THEN 'is not valid' WHEN found.unique_values THEN 'is unique' ELSE 'is not unique' END
      USING ERRCODE = 'duplicate_object', HINT = format('Drop it first: SELECT userdir.drop_metadata_index(%L);', found.name);
  END IF;

  new_name := userdir._metadata_index_name(names, type);
  IF EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'userdir'::regnamespace AND c.relname = new_name) THEN
    RAISE EXCEPTION 'there is something else of the name "%" in schema userdir', new_name
      USING ERRCODE = 'duplicate_table', HINT = 'Rename or drop it first.';
  END IF;
  EXECUTE format('CREATE %s %I ON userdir.users USING %s', CASE WHEN unique_values THEN 'UNIQUE INDEX' ELSE 'INDEX' END, new_name,
                 userdir._metadata_index_definition(names, type));
  -- The planner knows nothing of an expression's values before.
  IF type <> 'search' THEN
    EXECUTE 'ANALYZE userdir.users';
  END IF;
  RETURN new_name;
END
$$;
COMMENT ON FUNCTION userdir._create_metadata_index(text, text, boolean) IS 'Body of create_metadata_index().';

CREATE FUNCTION userdir.create_metadata_index(path text, type text, unique_values boolean DEFAULT false) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.create_metadata_index(text, text, boolean) IS
'Makes an index on a path of the metadata: an ordinary index on userdir.users, which a dump keeps and install() leaves alone.

path: below user_metadata or app_metadata, as in a query: app_metadata.stripe.customer; a backslash takes the meaning from a dot. type: what it serves: search, every condition of searches on the path and below it, where the directory is lean; sort, lists and searches sorted by the path, in both directions; text, number, boolean or date, comparisons, joins and orders by metadata_text() and its siblings. unique_values: no two users may have the same value there; for the last four types.
Writing is blocked until it is done. For a large directory run what metadata_indexes() shows as its definition on a small one, with CONCURRENTLY. DROP EXTENSION ... CASCADE takes these indexes along, and install() does not know of them: make them again.
Result: the name of the index; where there is an equal one, under whatever name, nothing is done and its name returned.
Errors: 22023 for a path that leads elsewhere or has an empty name, an unknown type, or a unique index of type search or sort; 54000 for a path of more than 500 bytes; 23505 when values are not unique; 42710 when there is one that is unique and should not be, or the reverse, or that is not valid; 42P07 when something else has its name.';

CREATE FUNCTION userdir._drop_metadata_index(index text, type text) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted_path text;
  found_name text;
BEGIN
  IF type IS NOT NULL THEN
    PERFORM userdir._check_metadata_index_type(type);
    wanted_path := userdir._metadata_path_text(userdir._metadata_path(index));
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('userdir.install'));
  SELECT i.name INTO found_name FROM userdir.metadata_indexes() i
   WHERE CASE WHEN _drop_metadata_index.type IS NULL THEN i.name = index
              ELSE i.path = wanted_path AND i.type = _drop_metadata_index.type END
   ORDER BY i.valid, i.name LIMIT 1;
  IF found_name IS NULL THEN
    RAISE EXCEPTION 'there is no such index on metadata: "%"', left(index, 64)
      USING ERRCODE = 'undefined_object', HINT = 'See userdir.metadata_indexes(). Give either the name of an index, or a path and a type.';
  END IF;
  EXECUTE format('DROP INDEX userdir.%I', found_name);
  RETURN found_name;
END
$$;
COMMENT ON FUNCTION userdir._drop_metadata_index(text, text) IS 'Body of drop_metadata_index().';

CREATE FUNCTION userdir.drop_metadata_index(index text, type text DEFAULT NULL) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.drop_metadata_index(text, text) IS
'Drops an index on a path of the metadata, as DROP INDEX would.

index: its name, or with type its path. type: as in create_metadata_index().
Result: the name of the index that was dropped.
Errors: 42704 when there is none; 22023 and 54000 as in create_metadata_index().';
