-- The search functions: shapes, sort orders, pages, cursors, totals, explanations, errors
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SET search_path = public, userdir;
SELECT create_connection('people', 'auth0') ->> 'name' AS name UNION ALL SELECT create_connection('github', 'github') ->> 'name';
DO $$
BEGIN
  FOR i IN 1 .. 60 LOOP
    PERFORM userdir.create_user('people', jsonb_strip_nulls(jsonb_build_object(
      'user_id', lpad(i::text, 3, '0'), 'email', 'user' || i || CASE WHEN i % 3 = 0 THEN '@acme.example' ELSE '@corp.example' END,
      'name', (ARRAY['Ada', 'Bob', 'Cyd', 'dee', 'Eve'])[1 + i % 5] || ' ' || i, 'family_name', CASE WHEN i % 4 > 0 THEN (ARRAY['Lee', 'Óla', 'ray'])[i % 4] END,
      'blocked', CASE WHEN i % 20 = 0 THEN true END,
      'app_metadata', jsonb_build_object('plan', CASE WHEN i % 10 = 0 THEN 'gold' ELSE 'free' END),
      'user_metadata', CASE WHEN i % 2 = 0 THEN jsonb_build_object('ui', jsonb_build_object('size', i % 7), 'note', CASE WHEN i % 6 = 0 THEN NULL ELSE 'n' || i % 3 END) END)));
  END LOOP;
  PERFORM userdir.upsert_from_connection('github', '{"id": 9, "login": "octo", "name": "Octo Cat", "email": "octo@example.com"}');
END $$;
INSERT INTO user_logins VALUES ('auth0|001', '2024-05-01 10:00Z', '10.1.2.3', 7), ('auth0|002', '2024-06-01 10:00Z', '10.1.2.4', 12);

-- Shapes: an array, an object with totals, an object with a cursor; fields in and out.
SELECT jsonb_path_query_array(search_users('email:*@acme.example', per_page => 3), '$[*].user_id') AS bare;
SELECT r - 'users' AS totals, jsonb_path_query_array(r, '$.users[*].user_id') AS users FROM search_users('email.domain:"acme.example"', page => 2, per_page => 6, include_totals => true) r;
SELECT search_users('user_id:"auth0|010"', fields => 'email,blocked,app_metadata') AS only_these, jsonb_object_keys(search_users('user_id:"auth0|010"', fields => 'identities,created_at,updated_at,picture', include_fields => false) -> 0) AS all_but_these;
SELECT jsonb_typeof(r) AS bare, jsonb_array_length(r) AS length FROM search_users('') r;
SELECT r ->> 'total' AS total, r ? 'total_is_estimate' AS marked, jsonb_array_length(r -> 'users') AS length FROM search_users(NULL, include_totals => true, per_page => 0) r;
SELECT (r ->> 'total')::integer BETWEEN 1 AND 100000 AS some_number, r ->> 'total_is_estimate' AS marked FROM search_users('*:*', sort => 'name:1', per_page => 1, totals => 'estimated') r;
SELECT search_users('name:nobody') AS none, search_users('name:nobody', include_totals => true) AS none_with_totals, search_users('name:nobody', take => 5) AS none_by_cursor;

-- Fields may be paths into metadata; what a path leads to stands where it stood.
SELECT search_users('user_id:"auth0|006"', fields => 'user_metadata.ui.size,user_metadata.none,app_metadata.plan,email') AS only_these, search_users('user_id:"auth0|006"', fields => 'user_metadata.ui.size,app_metadata.plan', include_fields => false) -> 0 -> 'user_metadata' AS all_but_these,
       get_user('auth0|006', 'app_metadata,app_metadata.plan') AS whole_and_part, get_user('auth0|006', 'user_metadata.ui.size.0') AS below_a_value;
SELECT search_users(per_page => 1) = search_users('', per_page => 1) AS q_is_optional, (SELECT count(*) FROM find_users()) AS everybody;
-- A bare value stands in a user_id as a whole or as its beginning; a mere part of one is not looked for.
SELECT count_users('auth0|00*') AS beginning, count_users('*h0|00*') AS part, count_users('user_id:*h0|00*') AS named, count_users('NOT *h0|00*') AS complement;

-- Everything sees this transaction.
BEGIN;
SELECT create_user('people', '{"email": "new@acme.example", "user_id": "new"}') ->> 'user_id' AS user_id;
SELECT count_users('email:new@acme.example') AS counted, find_users('email:new@*') AS found;
ROLLBACK;
SELECT count_users('email:new@acme.example') AS counted;

-- In SQL: a set, a number.
SELECT array_agg(f) FROM find_users('app_metadata.plan:gold', 'name:-1') f;
SELECT count(*) FROM find_users('NOT app_metadata.plan:gold');
SELECT count_users('blocked:true') AS blocked, count_users() AS everybody, count_users('last_ip:10.1.2.3 OR logins_count:>10') AS by_statistics, count_users('identities.provider:github') AS github;

-- Any order agrees with SQL's, page by page and by cursor, for every page size; nulls stand last.
CREATE FUNCTION by_page(q text, sort text, size integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  ids text[] := '{}'; more text[]; n integer := 0;
BEGIN
  LOOP
    more := ARRAY(SELECT jsonb_array_elements_text(jsonb_path_query_array(userdir.search_users(q, sort, page => n, per_page => size), '$[*].user_id')));
    EXIT WHEN more = '{}';
    ids := ids || more; n := n + 1;
  END LOOP;
  RETURN ids;
END $$;
CREATE FUNCTION by_cursor(q text, sort text, size integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  ids text[] := '{}'; place text; page jsonb;
BEGIN
  LOOP
    page := userdir.search_users(q, sort, take => size, "from" => place);
    ids := ids || ARRAY(SELECT jsonb_array_elements_text(jsonb_path_query_array(page, '$.users[*].user_id')));
    place := page ->> 'next';
    EXIT WHEN place IS NULL;
  END LOOP;
  RETURN ids;
END $$;
SELECT q, s.sort, count(*) FILTER (WHERE by_page(q, s.sort, size) = expected) AS pages_right, count(*) FILTER (WHERE by_cursor(q, s.sort, size) = expected) AS cursors_right, count(*) AS sizes, cardinality(expected) AS users
  FROM (VALUES ('', 'created_at:1'), ('', 'created_at:-1'), ('name:*a*', 'name:1'), ('name:*a*', 'name:-1'), ('NOT blocked:true', 'family_name:1'), ('NOT blocked:true', 'family_name:-1,user_id:-1'),
               ('email:*', 'app_metadata.plan:-1,user_metadata.ui.size:1,email:-1'), ('email:*', 'user_metadata.note:1,name:-1'), ('email:*', 'user_metadata.note:-1'), ('', 'logins_count:-1,last_ip:1'), ('', 'blocked:1,updated_at:-1')) s (q, sort),
       LATERAL (SELECT array_agg(f) AS expected FROM find_users(s.q, s.sort) f) e, unnest('{1,7,30,100}'::integer[]) size
 GROUP BY q, s.sort, expected ORDER BY q, s.sort;
-- And find_users() with SQL written by hand.
SELECT (SELECT array_agg(f) FROM find_users('email:*', 'user_metadata.note:-1') f) = (SELECT array_agg(user_id ORDER BY nullif(user_metadata -> 'note', 'null') DESC NULLS LAST, user_id DESC) FROM users) AS same;
SELECT (SELECT array_agg(f) FROM find_users('email:*', 'family_name:-1') f) = (SELECT array_agg(user_id ORDER BY fold_case(family_name) COLLATE "C" DESC NULLS LAST, user_id DESC) FROM users) AS same;

-- A cursor is stable while others come and go before it.
SELECT search_users('email:*', 'email:1', take => 10) ->> 'next' AS next \gset
SELECT create_user('people', '{"email": "aaa@acme.example"}') ->> 'email' AS email;
SELECT delete_user('auth0|001');
SELECT jsonb_path_query_array(search_users('email:*', 'email:1', take => 3, "from" => :'next'), '$.users[*].email') AS users;

-- Explanations.
SELECT e -> 'query' AS query, e -> 'relation' AS relation, e -> 'condition' AS condition, jsonb_path_query_array(e, '$.parts[*].query') AS parts, jsonb_path_query_array(e, '$.parts[*].indexes') AS indexes
  FROM (VALUES ('email:*@acme.example'), ('(email:*@acme.example && !app_metadata.plan:gold) || name:a*'), ('logins_count:>5 blocked:true'), ('username:*foo* OR _exists_:username OR _exists_:blocked'), ('')) q (q), search_explain(q) e;

SELECT part ->> 'query' AS part, part ->> 'hint' AS hint FROM search_explain('picture:x OR user_metadata.joined:2023 OR app_metadata.n:[2023 TO 2024] OR name:x') e, jsonb_array_elements(e -> 'parts') part;
SELECT e -> 'parts' -> 0 ->> 'hint' AS hint FROM search_explain('') e;

-- Bad input.
SELECT call, pg_temp.try('SELECT userdir.search_users(' || call || ')') AS answer
  FROM (VALUES ('''name:'''), ('''name:(a'''), ('''name:a~'''), ('''emial:a'''), ('''blocked:maybe'''), ('''created_at:yesterday'''),
               ('''a'', page => -1'), ('''a'', per_page => 101'), ('''a'', per_page => -1'), ('''a'', page => NULL'), ('''a'', take => 0'), ('''a'', per_page => NULL'), ('''a'', sort => NULL'), ('''a'', take => 5, page => 1'), ('''a'', take => 5, include_totals => true'), ('''a'', "from" => ''00'', totals => ''estimated'''), ('''a'', include_totals => true, totals => ''none'''), ('''a'', sort => ''nothing:1'''), ('''a'', sort => ''name'''),
               ('''a'', sort => ''name:1,'''), ('''a'', sort => ''email.domain:1'''), ('''a'', sort => ''name:1; DROP TABLE userdir.users'''), ('''a'', totals => ''some'''), ('''a'', fields => ''password'''),
               ('''a'', take => 1, "from" => ''00'''), ('''a'', take => 1, "from" => ''zz'''), ('repeat(''a '', 100000)')) c (call);
SELECT query, pg_temp.try(format('SELECT count(*) FROM userdir.users u WHERE u OPERATOR(userdir.@@) %L', query)) AS answer
  FROM unnest(ARRAY['company:Harbour', 'address.city:Oslo', 'connection:github', 'logins_count:5', 'last_login:[2024 TO *]', 'last_logins:1', 'organization_id:x', 'emial:a']) query;
SELECT pg_temp.try($$SELECT userdir.count_users('name:[a')$$) AS counted, pg_temp.try($$SELECT userdir.find_users('', 'x:1')$$);

-- A reader needs no more than the bundle, and row security holds.
SET client_min_messages = warning;
DROP ROLE IF EXISTS ud_searcher;
RESET client_min_messages;
CREATE ROLE ud_searcher;
SELECT grant_to('ud_searcher', 'reader');
SET ROLE ud_searcher;
SELECT count_users('email:*@acme.example') AS counted, jsonb_array_length(search_users('email:*@acme.example', include_totals => true) -> 'users') AS listed, search_explain('name:a*') ? 'parts' AS explained;
RESET ROLE;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY acme_only ON users TO ud_searcher USING (email LIKE '%@acme.example');
SET ROLE ud_searcher;
SELECT count_users('*:*') AS counted, search_users('name:*', per_page => 1, include_totals => true) ->> 'total' AS total, jsonb_array_length(search_users('', per_page => 100)) AS listed, (SELECT count(*) FROM find_users('email:*@corp.example')) AS hidden;
RESET ROLE;
DROP POLICY acme_only ON users;
ALTER TABLE users DISABLE ROW LEVEL SECURITY;
SELECT revoke_from('ud_searcher', 'reader');
DROP ROLE ud_searcher;
