-- Users: reading them.

CREATE FUNCTION userdir._user_fields() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT '{user_id,email,email_verified,username,phone_number,phone_verified,name,given_name,family_name,nickname,picture,blocked,user_metadata,app_metadata,attributes,identities,created_at,updated_at,last_login,last_ip,logins_count,last_password_reset}'::pg_catalog.text[]
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

CREATE FUNCTION userdir._profile_json(profile record) RETURNS jsonb
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5
  AS 'MODULE_PATHNAME', 'userdir__profile_json';
COMMENT ON FUNCTION userdir._profile_json(record) IS
'Returns a row of userdir.profiles in the model''s shape: absent keys instead of nulls, timestamps as ISO 8601 in UTC with milliseconds.';

-- In PL/pgSQL, here and below, because it keeps its plans; a function in SQL plans at every call.
CREATE FUNCTION userdir._users_json(user_ids text[]) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  -- The planner would plan anew for every length of the array; the plan is the same for all.
  SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(userdir._profile_json(p) ORDER BY wanted.place), '[]')
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

user_id: provider|id of the primary identity. fields: a comma-separated list of root fields and of paths like user_metadata.ui.size; include_fields: whether only these or all but these are returned.
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

CREATE FUNCTION userdir._users_page(relation text, condition text, sort text, page integer, per_page integer,
    fields text, include_fields boolean, totals text, take integer, after text) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  by_cursor boolean := take IS NOT NULL OR after IS NOT NULL;
  size integer := CASE WHEN by_cursor THEN coalesce(take, 50) ELSE per_page END;
  skip bigint := CASE WHEN by_cursor THEN 0 ELSE page::bigint * per_page END;
  wrong text := CASE
    WHEN page IS NULL THEN 'page must not be null'
    WHEN per_page IS NULL THEN 'per_page must not be null'
    WHEN sort IS NULL THEN 'sort must not be null'
    WHEN page < 0 THEN 'page must be 0 or more'
    WHEN per_page NOT BETWEEN 0 AND 100 THEN 'per_page must be between 0 and 100'
    WHEN take NOT BETWEEN 1 AND 100 THEN 'take must be between 1 and 100'
    WHEN totals IS NULL OR totals NOT IN ('none', 'exact', 'estimated') THEN 'totals must be none, exact or estimated'
    WHEN by_cursor AND (page <> 0 OR per_page <> 50) THEN 'page and per_page cannot be combined with take or from'
    WHEN by_cursor AND totals <> 'none' THEN 'totals cannot be combined with take or from' END;
  fetched record;
  users jsonb;
BEGIN
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION '%', wrong
      USING ERRCODE = 'invalid_parameter_value',
            HINT = CASE WHEN wrong LIKE 'page and%' THEN 'Pages are either numbered, by page and per_page, or follow each other, by take and from.'
                        WHEN wrong LIKE 'totals cannot%' THEN 'Use count_users() for the number of all.'
                        WHEN wrong LIKE 'page must be%' THEN 'The first page is 0.'
                        WHEN wrong LIKE '%between%' THEN 'Read more than a page holds page by page, by take and from.'
                        ELSE 'An argument that is left out has its default.' END;
  END IF;
  -- Where nobody is found, an unknown field is an error, too.
  PERFORM userdir._select_fields('{}', fields, include_fields, userdir._user_fields());

  fetched := userdir._page_of_users(relation, condition, sort, skip, size, totals = 'exact' AND NOT by_cursor, by_cursor, after);
  users := userdir._users_json(fetched.ids);
  IF fields IS NOT NULL THEN
    users := (SELECT coalesce(jsonb_agg(userdir._select_fields(u.value, fields, include_fields, userdir._user_fields()) ORDER BY u.ordinality), '[]')
                FROM jsonb_array_elements(users) WITH ORDINALITY u);
  END IF;

  IF by_cursor THEN
    RETURN jsonb_build_object('users', users)
           || CASE WHEN fetched.next IS NULL THEN '{}' ELSE jsonb_build_object('next', fetched.next) END;
  ELSIF totals = 'none' THEN
    RETURN users;
  END IF;
  -- An empty page tells that there are no more than were skipped, any other that there are as many and it.
  RETURN jsonb_build_object('start', skip, 'limit', size, 'length', jsonb_array_length(users), 'users', users,
                            'total', CASE WHEN fetched.total IS NOT NULL THEN fetched.total
                                          WHEN users = '[]' AND size > 0 THEN least(fetched.estimate, skip)
                                          ELSE greatest(fetched.estimate, skip + jsonb_array_length(users)) END)
         || CASE WHEN fetched.total IS NULL THEN '{"total_is_estimate": true}' ELSE '{}' END::jsonb;
END
$$;
COMMENT ON FUNCTION userdir._users_page(text, text, text, integer, integer, text, boolean, text, integer, text) IS
'Returns a page of users in the model''s shapes; see list_users() and search_users().

relation: userdir.users or userdir.profiles. condition: SQL over alias p. totals: none, exact or estimated. after: a cursor, or null.
Errors: 22023 for a bad argument.';

CREATE FUNCTION userdir._sort_relation(sort text) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN sort IS NOT NULL AND (userdir._parse_sort(sort)).fields && '{last_login,last_ip,logins_count,last_password_reset}' THEN 'userdir.profiles' ELSE 'userdir.users' END
$$;
COMMENT ON FUNCTION userdir._sort_relation(text) IS
'Returns the relation that holds the fields of a sort order: statistics of logins stand in a table of their own, which is joined only where they matter.';

CREATE FUNCTION userdir.list_users(page integer DEFAULT 0, per_page integer DEFAULT 50, sort text DEFAULT 'created_at:1',
    fields text DEFAULT NULL, include_fields boolean DEFAULT true, include_totals boolean DEFAULT false,
    connection text DEFAULT NULL, take integer DEFAULT NULL, "from" text DEFAULT NULL) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 10000
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN userdir._users_page(
    userdir._sort_relation(sort),
    CASE WHEN connection IS NULL THEN 'true'
         ELSE format('EXISTS (SELECT FROM userdir.identities i WHERE i.user_id = p.user_id AND i.connection = %L)', connection) END,
    sort, page, per_page, fields, include_fields, CASE WHEN include_totals THEN 'exact' ELSE 'none' END, take, "from");
END
$$;
COMMENT ON FUNCTION userdir.list_users(integer, integer, text, text, boolean, boolean, text, integer, text) IS
'Returns a page of users. There is no limit to how far one may page; take and from cost the same on every page.

page: from 0. per_page: 0 to 100. sort: field:1 (ascending) or field:-1, several separated by commas; a field is a root field or a path into metadata; users without the field stand last. fields, include_fields: as in get_user(). include_totals: return {start, limit, length, total, users} instead of the bare array. connection: only users with an identity of this connection.
take: 1 to 100, instead of page, per_page and include_totals: return {users, next}. from: the next of the page before; without a next there is no further page.
Errors: 22023 for a bad argument.';
