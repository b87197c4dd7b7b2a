-- Listing users by page and by cursor
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SELECT userdir.create_connection('users', 'auth0') ->> 'name' AS name UNION ALL SELECT userdir.create_connection('sms', 'sms') ->> 'name';
SELECT count(userdir.create_user('users', jsonb_build_object('email', format('user%s@example.com', i), 'user_id', format('%s', 100 + i),
         'family_name', chr(65 + i % 3), 'blocked', i % 2 = 0))) AS created FROM generate_series(1, 25) i;
SELECT count(userdir.create_user('sms', jsonb_build_object('phone_number', format('+4930%s', i), 'user_id', format('%s', i)))) AS created FROM generate_series(1, 5) i;

SELECT jsonb_path_query_array(userdir.list_users(per_page => 3, sort => 'user_id:-1'), '$[*].user_id') AS last_three,
       jsonb_path_query_array(userdir.list_users(page => 2, per_page => 3, sort => 'user_id:1'), '$[*].user_id') AS third_page,
       userdir.list_users(per_page => 0) AS none, jsonb_array_length(userdir.list_users()) AS default_size,
       jsonb_array_length(userdir.list_users(page => 1000000, per_page => 100)) AS beyond;
SELECT userdir.list_users(page => 1, per_page => 2, sort => 'user_id:1', fields => 'user_id', include_totals => true);
SELECT userdir.list_users(per_page => 1, connection => 'sms', sort => 'user_id:1', fields => 'identities,picture,created_at,updated_at', include_fields => false, include_totals => true);

-- Names and dots: each backslash takes the meaning of one character, and no length makes it slow.
SELECT f, userdir._sort_path(f) AS path FROM unnest(ARRAY['a', 'a.b', '', '.', '..a.', E'a\\.b', E'a\\\\.b', E'a\\\\\\.b.c', E'\\', E'a.\\', E'\\a\\b', E'a\\\\', E'.\\..', E'a\\\n.b', E'é\\.ü.ß']) f;
SET statement_timeout = '10s';
SELECT n, cardinality(userdir._sort_path(f)) AS names, pg_temp.try(format('SELECT userdir.list_users(sort => %L)', f || ':1')) ~ '^22023: users cannot be sorted' AS refused
  FROM (VALUES (1, repeat('.', 60000)), (2, repeat('x.', 60000)), (3, repeat(E'\\.', 60000)), (4, repeat(E'\\', 60000) || '.'), (5, repeat(E'\\.a.', 30000)), (6, repeat('x', 60000) || E'\\')) v (n, f) ORDER BY n;
RESET statement_timeout;

-- A walk by cursor sees everybody once, in the order of the sort, nulls last, whatever the page size.
CREATE FUNCTION pg_temp.walk(sort text, take integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  page jsonb; seen text[] := '{}'; place text;
BEGIN
  LOOP
    page := userdir.list_users(sort => walk.sort, take => walk.take, "from" => place);
    seen := seen || ARRAY(SELECT jsonb_path_query(page, '$.users[*].user_id') #>> '{}');
    place := page ->> 'next';
    EXIT WHEN place IS NULL;
  END LOOP;
  RETURN seen;
END $$;
INSERT INTO userdir.user_logins SELECT user_id, '2024-01-01', '10.0.0.1', right(user_id, 1)::int FROM userdir.users WHERE user_id LIKE '%5';
SELECT sort, take, pg_temp.walk(sort, take) = (pg_temp.walk(sort, 100)) AS same_as_at_once, cardinality(pg_temp.walk(sort, take)) AS users,
       (SELECT count(DISTINCT w) FROM unnest(pg_temp.walk(sort, take)) w) AS distinct_users
  FROM unnest('{user_id:1,created_at:-1,updated_at:1,email:1,email:-1,family_name:1,family_name:-1,blocked:1,blocked:-1,phone_number:1,last_login:-1,logins_count:1,last_ip:1}'::text[]) sort,
       unnest('{1,7,10}'::integer[]) take;
SELECT (pg_temp.walk('family_name:1', 4))[1:9] AS ascending, (pg_temp.walk('logins_count:-1', 4))[1:5] AS descending;

-- Bad arguments.
SELECT call, pg_temp.try('SELECT userdir.list_users(' || call || ')')
  FROM (VALUES ('page => -1'), ('page => NULL'), ('per_page => 101'), ('per_page => -1'), ('take => 0'), ('take => 101'), ('sort => ''email'''), ('sort => NULL'),
               ('sort => ''password:1'''), ('sort => ''email:1; DROP TABLE userdir.users'''), ('sort => ''user_metadata:1'''), ('fields => ''nope'''),
               ('"from" => ''xyz'''), ('"from" => ''00'''), ('"from" => encode(''[]'', ''hex'')'), ('"from" => encode(''["email:1", "a", "b"]'', ''hex'')'),
               ('"from" => encode(''["created_at:1", "no time", "b"]'', ''hex'')'), ('"from" => encode(''["created_at:1", "'''' OR true --", "b"]'', ''hex'')')) c (call);

-- Sorted by its default the list reads an index, from the cursor on.
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT p.user_id FROM userdir.users p WHERE (p.created_at, p.user_id) > ('2024-01-01', 'x') ORDER BY p.created_at ASC, p.user_id ASC LIMIT 10;
RESET enable_seqscan;
