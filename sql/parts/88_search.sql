-- Searching users: the functions over the operator @@.

CREATE FUNCTION userdir._query_fields(query userdir.userquery) RETURNS text[]
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__query_fields';
COMMENT ON FUNCTION userdir._query_fields(userdir.userquery) IS
'Returns the first names of the fields that a query asks for, each once.';

CREATE FUNCTION userdir._query_parts(query userdir.userquery) RETURNS userdir.userquery[]
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__query_parts';
COMMENT ON FUNCTION userdir._query_parts(userdir.userquery) IS
'Returns the terms, ranges and other leaves of a query, each once, in their order.';

CREATE FUNCTION userdir._search_relation(query userdir.userquery, sort text DEFAULT NULL) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF userdir._query_fields(query) && '{last_login,last_ip,logins_count,last_password_reset}' THEN
    RETURN 'userdir.profiles';
  ELSIF sort IS NULL THEN
    RETURN 'userdir.users';
  END IF;
  RETURN userdir._sort_relation(sort);
END
$$;
COMMENT ON FUNCTION userdir._search_relation(userdir.userquery, text) IS
'Returns the relation that holds all fields of a query and a sort order.';

CREATE FUNCTION userdir._search_condition(query userdir.userquery) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN format('p OPERATOR(userdir.@@) %L::userdir.userquery', query);
END
$$;
COMMENT ON FUNCTION userdir._search_condition(userdir.userquery) IS
'Returns the SQL condition of a query over alias p.';

CREATE FUNCTION userdir.search_users(q text DEFAULT '', sort text DEFAULT 'created_at:1', page integer DEFAULT 0, per_page integer DEFAULT 50,
    include_totals boolean DEFAULT false, fields text DEFAULT NULL, include_fields boolean DEFAULT true,
    take integer DEFAULT NULL, "from" text DEFAULT NULL, totals text DEFAULT NULL) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 10000
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  query userdir.userquery := coalesce(q, '')::userdir.userquery;
BEGIN
  IF include_totals AND totals = 'none' THEN
    RAISE EXCEPTION 'include_totals and totals => ''none'' contradict each other' USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave one of them out.';
  END IF;
  RETURN userdir._users_page(userdir._search_relation(query, sort), userdir._search_condition(query), sort, page, per_page, fields, include_fields,
                             coalesce(totals, CASE WHEN include_totals THEN 'exact' ELSE 'none' END), take, "from");
END
$$;
COMMENT ON FUNCTION userdir.search_users(text, text, integer, integer, boolean, text, boolean, integer, text, text) IS
'Returns a page of the users that a query finds, as of now and with this transaction''s own changes. There is no cap on results.

q: a query in Lucene syntax; null or empty finds all. sort, page, per_page, fields, include_fields, take, from: as in list_users().
include_totals: return {start, limit, length, total, users} instead of the bare array; not together with take. totals: exact, the same; estimated, the planner''s guess, marked with total_is_estimate, where counting would take longer than finding the page; none.
Errors: UD020 for a syntax error, UD021 for a feature that the language does not have, UD022 for an unknown field, UD023 for a value that does not fit its field, 54000 for a query over a limit; 22023 for another bad argument.';

CREATE FUNCTION userdir.find_users(q text DEFAULT '', sort text DEFAULT NULL) RETURNS SETOF text
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 10000 ROWS 100
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  query userdir.userquery := coalesce(q, '')::userdir.userquery;
  relation text := userdir._search_relation(query, sort);
  parsed record;
  keys text := '';
BEGIN
  IF sort IS NOT NULL THEN
    parsed := userdir._parse_sort(sort);
    SELECT string_agg((userdir._sort_key(relation, f)).expression || CASE WHEN d THEN ' DESC NULLS LAST' ELSE '' END, ', ' ORDER BY n)
           || ', p.user_id' || CASE WHEN parsed.descending[1] THEN ' DESC' ELSE '' END
      INTO keys FROM unnest(parsed.fields, parsed.descending) WITH ORDINALITY AS s (f, d, n);
    keys := ' ORDER BY ' || keys;
  END IF;
  RETURN QUERY EXECUTE format('SELECT p.user_id FROM %s p WHERE %s%s', relation, userdir._search_condition(query), keys);
END
$$;
COMMENT ON FUNCTION userdir.find_users(text, text) IS
'Returns the user_ids of all users that a query finds, for use in SQL.

q: a query in Lucene syntax; null or empty finds all. sort: as in list_users(); without it the order is none.
Errors: as search_users().';

CREATE FUNCTION userdir.count_users(q text DEFAULT '') RETURNS bigint
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 10000
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  query userdir.userquery := coalesce(q, '')::userdir.userquery;
  found bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %s p WHERE %s', userdir._search_relation(query), userdir._search_condition(query)) INTO found;
  RETURN found;
END
$$;
COMMENT ON FUNCTION userdir.count_users(text) IS
'Returns how many users a query finds.

q: a query in Lucene syntax; null or empty counts all.
Errors: as search_users().';

-- Volatile, because PostgreSQL allows EXPLAIN in no other function.
CREATE FUNCTION userdir._plan_of(relation text, query userdir.userquery) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE format('EXPLAIN (FORMAT JSON) SELECT 1 FROM %s p WHERE %s', relation, userdir._search_condition(query)) INTO plan;
  RETURN plan::jsonb #> '{0,Plan}';
END
$$;
COMMENT ON FUNCTION userdir._plan_of(text, userdir.userquery) IS 'Returns the plan of a search as EXPLAIN shows it.';

CREATE FUNCTION userdir._plan_indexes(plan jsonb) RETURNS text[]
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  -- An index on a part of the rows serves without a condition too, if there is no other way for it to have got into the plan.
  SELECT array_agg(DISTINCT name #>> '{}' ORDER BY name #>> '{}')
    FROM jsonb_path_query(plan, 'strict $.** ? (exists(@."Index Name"))') node, jsonb_path_query(node, '$."Index Name"') name
   WHERE node ? 'Index Cond' OR EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = to_regclass(format('userdir.%I', name #>> '{}')) AND i.indpred IS NOT NULL)
$$;
COMMENT ON FUNCTION userdir._plan_indexes(jsonb) IS 'Lists the indexes by which a plan finds rows: by their conditions, or because they hold only such rows; null when there are none.';

CREATE FUNCTION userdir._explain_part(part userdir.userquery) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  -- What an index can do, whether it pays or not.
  SET enable_seqscan = off
AS $$
DECLARE
  -- Where the field stands, not the view, in which an index of a join would be seen as well.
  plan jsonb := userdir._plan_of(CASE userdir._search_relation(part) WHEN 'userdir.profiles' THEN 'userdir.user_logins' ELSE 'userdir.users' END, part);
  indexes text[] := userdir._plan_indexes(plan);
BEGIN
  RETURN jsonb_build_object('query', part::text, 'rows', plan -> 'Plan Rows', 'indexes', coalesce(to_jsonb(indexes), '[]'))
         || CASE WHEN part::text ~ '^(user_metadata|app_metadata|attributes)[.].*:(19|20)[0-9]{2}$'
                 THEN jsonb_build_object('hint', 'a bare number in a document is no year: for the year write ' || regexp_replace(part::text, '^.*:', '[') || '-01 TO ' || right(part::text, 4) || '-12]')
                 WHEN indexes IS NOT NULL THEN '{}'
                 WHEN part::text = '*:*' THEN jsonb_build_object('hint', 'this is every user')
                 ELSE jsonb_build_object('hint', 'no index serves this part: alone it reads every user, beside a part that has an index it is a filter') END;
END
$$;
COMMENT ON FUNCTION userdir._explain_part(userdir.userquery) IS 'Returns which indexes serve one leaf of a query.';

CREATE FUNCTION userdir.search_explain(q text) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  query userdir.userquery := coalesce(q, '')::userdir.userquery;
  relation text := userdir._search_relation(query);
  plan jsonb := userdir._plan_of(relation, query);
BEGIN
  RETURN jsonb_build_object(
    'query', query::text, 'relation', relation, 'condition', userdir.search_condition(relation::regclass, query),
    'rows', plan -> 'Plan Rows', 'indexes', coalesce(to_jsonb(userdir._plan_indexes(plan)), '[]'),
    'parts', (SELECT coalesce(jsonb_agg(userdir._explain_part(part) ORDER BY place), '[]')
                FROM unnest(userdir._query_parts(query)) WITH ORDINALITY AS p (part, place)));
END
$$;
COMMENT ON FUNCTION userdir.search_explain(text) IS
'Tells how a search would be answered.

q: a query in Lucene syntax.
Result: an object: query, its canonical text; relation, what it reads; condition, the SQL that it becomes; rows, how many users the planner expects; indexes, those that it would use now; parts, each leaf of the query with its own expected rows and the indexes that can serve it, and a hint where none can.
Errors: as search_users().';
