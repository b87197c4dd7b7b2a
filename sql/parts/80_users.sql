-- Users: reading them.

CREATE FUNCTION userdir._user_fields() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT '{user_id,email,email_verified,username,phone_number,phone_verified,name,given_name,family_name,nickname,picture,blocked,user_metadata,app_metadata,attributes,identities,created_at,updated_at,last_login,last_ip,logins_count}'::pg_catalog.text[]
$$;
COMMENT ON FUNCTION userdir._user_fields() IS 'Lists the root fields of a user.';

CREATE FUNCTION userdir._identities_json(user_id text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(
           jsonb_build_object('connection', i.connection, 'provider', i.provider,
                              'user_id', i.provider_user_id, 'isSocial', i.is_social)
           || CASE WHEN i.profile_data IS NULL THEN '{}'
                   ELSE jsonb_build_object('profileData', i.profile_data) END
           ORDER BY i.is_primary DESC, i.created_at, i.provider, i.provider_user_id), '[]')
    FROM userdir.identities i
   WHERE i.user_id = _identities_json.user_id
$$;
COMMENT ON FUNCTION userdir._identities_json(text) IS
'Returns the identities of a user in the model''s shape, the primary one first.';

-- In PL/pgSQL, here and below, because it keeps its plans; a function in SQL plans at every call.
CREATE FUNCTION userdir._users_json(user_ids text[]) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  -- The planner would plan anew for every length of the array; the plan is the same for all.
  SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(
           jsonb_strip_nulls(jsonb_build_object(
             'user_id', p.user_id, 'email', p.email, 'email_verified', p.email_verified,
             'username', p.username, 'phone_number', p.phone_number, 'phone_verified', p.phone_verified,
             'name', p.name, 'given_name', p.given_name, 'family_name', p.family_name,
             'nickname', p.nickname, 'picture', p.picture, 'blocked', p.blocked,
             'created_at', userdir._iso_timestamp(p.created_at), 'updated_at', userdir._iso_timestamp(p.updated_at),
             'last_login', userdir._iso_timestamp(p.last_login), 'last_ip', host(p.last_ip),
             'logins_count', p.logins_count))
           || jsonb_build_object('identities', p.identities)
           || CASE WHEN p.user_metadata IS NULL THEN '{}' ELSE jsonb_build_object('user_metadata', p.user_metadata) END
           || CASE WHEN p.app_metadata IS NULL THEN '{}' ELSE jsonb_build_object('app_metadata', p.app_metadata) END
           || CASE WHEN p.attributes IS NULL THEN '{}' ELSE jsonb_build_object('attributes', p.attributes) END
           ORDER BY wanted.place), '[]')
    FROM unnest(user_ids) WITH ORDINALITY AS wanted (user_id, place)
         -- OFFSET keeps the planner from joining whole tables for a handful of ids.
         CROSS JOIN LATERAL (SELECT * FROM userdir.profiles f WHERE f.user_id = wanted.user_id OFFSET 0) p);
END
$$;
COMMENT ON FUNCTION userdir._users_json(text[]) IS
'Returns users in the model''s shape as a JSON array, in the order of the given ids; unknown ids are left out.';

CREATE FUNCTION userdir.get_user(user_id text, fields text DEFAULT NULL, include_fields boolean DEFAULT true) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL SAFE COST 500
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN userdir._select_fields(userdir._users_json(ARRAY[user_id]) -> 0, fields, include_fields, userdir._user_fields());
END
$$;
COMMENT ON FUNCTION userdir.get_user(text, text, boolean) IS
'Returns a user in the model''s shape: absent keys instead of nulls, timestamps as ISO 8601 in UTC with milliseconds, what the provider sent beyond the normalized profile under attributes.

user_id: provider|id of the primary identity. fields: a comma-separated list of root fields; include_fields: whether only these or all but these are returned.
Result: the user, or null when there is none.
Errors: 22023 when a field is unknown.';

CREATE FUNCTION userdir.get_users_by_email(email text, fields text DEFAULT NULL, include_fields boolean DEFAULT true) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL SAFE COST 500
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(userdir._select_fields(u.value, fields, include_fields, userdir._user_fields()) ORDER BY u.ordinality), '[]')
    FROM jsonb_array_elements(userdir._users_json(ARRAY(
           SELECT p.user_id FROM userdir.users p
            WHERE p.email = get_users_by_email.email ORDER BY p.created_at, p.user_id)))
         WITH ORDINALITY u);
END
$$;
COMMENT ON FUNCTION userdir.get_users_by_email(text, text, boolean) IS
'Returns the users with exactly this e-mail address as a JSON array: none, one, or one of each connection. Case matters; addresses of database connections are stored in lower case.

fields, include_fields: as in get_user().
Errors: 22023 when a field is unknown.';

CREATE FUNCTION userdir._sort_column(field text, OUT column_type text, OUT nullable boolean)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.column_type, c.nullable
    FROM (VALUES ('user_id', 'text', false), ('created_at', 'timestamptz', false), ('updated_at', 'timestamptz', false),
                 ('email', 'text', true), ('email_verified', 'boolean', true), ('username', 'text', true),
                 ('phone_number', 'text', true), ('phone_verified', 'boolean', true), ('name', 'text', true),
                 ('given_name', 'text', true), ('family_name', 'text', true), ('nickname', 'text', true),
                 ('blocked', 'boolean', true), ('last_login', 'timestamptz', true), ('last_ip', 'inet', true),
                 ('logins_count', 'bigint', true)) AS c (field, column_type, nullable)
   WHERE c.field = _sort_column.field
$$;
COMMENT ON FUNCTION userdir._sort_column(text) IS 'Tells the type of a field that users can be sorted by; null when it is none.';

CREATE FUNCTION userdir._decode_cursor(cursor text, sort text) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  place jsonb;
BEGIN
  BEGIN
    place := convert_from(decode(cursor, 'hex'), 'UTF8')::jsonb;
  EXCEPTION WHEN data_exception OR character_not_in_repertoire THEN
    place := NULL;
  END;
  IF place IS NULL OR jsonb_typeof(place) <> 'array' OR jsonb_array_length(place) <> 3
     OR place ->> 0 IS DISTINCT FROM sort OR place ->> 2 IS NULL THEN
    RAISE EXCEPTION 'the cursor is not one of this list'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Pass the value of "next" from the page before, with the same sort.';
  END IF;
  RETURN place;
END
$$;
COMMENT ON FUNCTION userdir._decode_cursor(text, text) IS
'Returns the place that a cursor of list_users() stands for: [sort, value of the sorted field as text, user_id].';

CREATE FUNCTION userdir._page_condition(field text, descending boolean, place jsonb) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  col record := userdir._sort_column(field);
  beyond text := CASE WHEN descending THEN '<' ELSE '>' END;
  value text := format('%L::%s', place ->> 1, col.column_type);
BEGIN
  IF NOT col.nullable THEN
    RETURN format('(p.%1$I, p.user_id) %2$s (%3$s, %4$L)', field, beyond, value, place ->> 2);
  ELSIF place ->> 1 IS NULL THEN
    RETURN format('(p.%1$I IS NULL AND p.user_id %2$s %3$L)', field, beyond, place ->> 2);
  END IF;
  RETURN format('(p.%1$I %2$s %3$s OR p.%1$I = %3$s AND p.user_id %2$s %4$L OR p.%1$I IS NULL)',
                field, beyond, value, place ->> 2);
END
$$;
COMMENT ON FUNCTION userdir._page_condition(text, boolean, jsonb) IS
'Returns the SQL condition for the users that follow a place in a sorted list; nulls stand last.';

CREATE FUNCTION userdir.list_users(page integer DEFAULT 0, per_page integer DEFAULT 50, sort text DEFAULT 'created_at:1',
    fields text DEFAULT NULL, include_fields boolean DEFAULT true, include_totals boolean DEFAULT false,
    connection text DEFAULT NULL, take integer DEFAULT NULL, cursor text DEFAULT NULL) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 10000
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  field text;
  direction text;
  column_type text;
  nullable boolean;
  source text;
  condition text := 'true';
  by_cursor boolean := take IS NOT NULL OR cursor IS NOT NULL;
  page_size integer := CASE WHEN take IS NOT NULL OR cursor IS NOT NULL THEN coalesce(take, 50) ELSE per_page END;
  ids text[];
  sort_values text[];
  users jsonb;
  total bigint;
BEGIN
  IF sort IS NULL OR sort !~ '^[a-z_]+:(1|-1)$' THEN
    RAISE EXCEPTION 'sort must be a field, a colon and 1 or -1'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'For example: created_at:-1.';
  END IF;
  field := split_part(sort, ':', 1);
  direction := CASE split_part(sort, ':', 2) WHEN '1' THEN 'ASC' ELSE 'DESC' END;
  SELECT c.column_type, c.nullable INTO column_type, nullable FROM userdir._sort_column(field) c;
  IF column_type IS NULL THEN
    RAISE EXCEPTION 'users cannot be sorted by "%"', left(field, 64) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF page IS NULL OR page < 0 OR page_size IS NULL OR page_size < 0 OR page_size > 100 OR by_cursor AND page_size < 1 THEN
    RAISE EXCEPTION 'page must be 0 or more, per_page between 0 and 100, take between 1 and 100'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;

  -- Statistics of logins stand in a table of their own; it is joined only when sorted by.
  source := CASE WHEN field IN ('last_login', 'last_ip', 'logins_count') THEN 'userdir.profiles' ELSE 'userdir.users' END;
  IF connection IS NOT NULL THEN
    condition := format('EXISTS (SELECT FROM userdir.identities i WHERE i.user_id = p.user_id AND i.connection = %L)', connection);
  END IF;
  IF include_totals AND NOT by_cursor THEN
    EXECUTE format('SELECT count(*) FROM userdir.users p WHERE %s', condition) INTO total;
  END IF;
  IF cursor IS NOT NULL THEN
    condition := condition || ' AND ' || userdir._page_condition(field, direction = 'DESC', userdir._decode_cursor(cursor, sort));
  END IF;

  EXECUTE format('SELECT array_agg(f.user_id), array_agg(f.value)
                    FROM (SELECT p.user_id, %s AS value FROM %s p WHERE %s
                           ORDER BY p.%I %s %s, p.user_id %s LIMIT $1 OFFSET $2) f',
                 CASE column_type WHEN 'timestamptz' THEN format('userdir._iso_timestamp(p.%I)', field)
                                  ELSE format('p.%I::text', field) END,
                 source, condition, field, direction,
                 CASE WHEN nullable THEN 'NULLS LAST' ELSE '' END, direction)
    INTO ids, sort_values
    USING page_size, CASE WHEN by_cursor THEN 0 ELSE page::bigint * per_page END;

  users := userdir._users_json(ids);
  IF fields IS NOT NULL THEN
    users := (SELECT coalesce(jsonb_agg(userdir._select_fields(u.value, fields, include_fields, userdir._user_fields()) ORDER BY u.ordinality), '[]')
                FROM jsonb_array_elements(users) WITH ORDINALITY u);
  END IF;

  IF by_cursor THEN
    RETURN jsonb_build_object('users', users)
           || CASE WHEN cardinality(ids) = page_size
                   THEN jsonb_build_object('next', encode(convert_to(jsonb_build_array(sort, sort_values[page_size], ids[page_size])::text, 'UTF8'), 'hex'))
                   ELSE '{}' END;
  ELSIF include_totals THEN
    RETURN jsonb_build_object('start', page::bigint * per_page, 'limit', per_page, 'length', jsonb_array_length(users),
                              'total', total, 'users', users);
  END IF;
  RETURN users;
END
$$;
COMMENT ON FUNCTION userdir.list_users(integer, integer, text, text, boolean, boolean, text, integer, text) IS
'Returns a page of users. There is no limit to how far one may page; take and cursor cost the same on every page.

page: from 0. per_page: 0 to 100. sort: field:1 or field:-1 of a root field; users without the field stand last. fields, include_fields: as in get_user(). include_totals: return {start, limit, length, total, users} instead of the bare array. connection: only users with an identity of this connection.
take: 1 to 100, instead of page and per_page: return {users, next}. cursor: the next of the page before; without a next there is no further page.
Errors: 22023 for a bad argument.';
