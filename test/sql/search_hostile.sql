-- Searches against those who call them: forged cursors, names that are SQL, pages out of all bounds, the reader's own
-- way to _fetch_page(), columns and indexes of the application, documents and queries made to cost time
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SET client_min_messages = warning;
DROP ROLE IF EXISTS ud_stranger;
RESET client_min_messages;
CREATE ROLE ud_stranger;
SELECT userdir.grant_to('ud_stranger', 'reader');
SET session_replication_role = replica;
INSERT INTO userdir.users (user_id, email, name, app_metadata, user_metadata, created_at)
SELECT 'auth0|' || i, 'user' || i || '@example.com', 'Name ' || i, jsonb_build_object('plan', CASE WHEN i % 10 < 3 THEN 'gold' ELSE 'free' END, 'team', i % 25),
       jsonb_build_object('a', i % 7), timestamptz '2020-01-01Z' + i * interval '1 minute'
  FROM generate_series(1, 4000) i;
RESET session_replication_role;
VACUUM ANALYZE userdir.users;

-- Whoever may search may call _fetch_page() with any query. What it takes for an id must be one.
GRANT CREATE ON SCHEMA public TO ud_stranger;
SET ROLE ud_stranger;
SELECT query, descending, pg_temp.try(format('SELECT userdir._fetch_page(%L, %L, 0, 10, true)', query, descending)) AS answer
  FROM (VALUES ('SELECT 1', '{}'), ('SELECT NULL::text', '{}'), ('SELECT ''x''::name', '{}'), ('SELECT ''x''::bytea', '{}'), ('SELECT ''x''::text', '{f}'), ('SELECT ''x''::text, 1, 2', '{f}'), ('SELECT', '{}'),
               ('SELECT ''x''::text, ''(1,2)''::point', '{f}'), ('SELECT ''x''::text; SELECT ''y''::text', '{}'), ('DELETE FROM userdir.users RETURNING user_id', '{}'), ('SELECT user_id INTO copied FROM userdir.users', '{}'),
               ('SELECT user_id FROM userdir.users FOR UPDATE', '{}'), ('WITH gone AS (DELETE FROM userdir.users RETURNING user_id) SELECT user_id FROM gone', '{}'), ('SELECT name FROM userdir.connections WHERE options IS NULL', '{}'), ('', '{}'),
               ('SELECT ''x''::text FROM generate_series(1, 3)', '{}')) c (query, descending);
SELECT pg_temp.try($$SELECT userdir._fetch_page('SELECT NULL::text, created_at FROM userdir.users', '{f}', 0, 10, false)$$) AS null_id,
       pg_temp.try($$SELECT userdir._fetch_page('SELECT user_id FROM userdir.users', '{}', 9223372036854775807, 2147483647, true)$$) AS endless, pg_temp.try($$SELECT userdir._fetch_page('SELECT user_id FROM userdir.users', NULL, 0, 1, true)$$) AS undirected,
       cardinality((userdir._fetch_page('SELECT user_id FROM userdir.users', '{}', 9223372036854775807, 50, true)).ids) AS behind_all,
       cardinality((userdir._fetch_page('SELECT user_id FROM userdir.users', '{}', -5, -1, true)).ids) AS negative;
RESET ROLE;

-- Names that are SQL are names.
SELECT sort, pg_temp.try(format('SELECT userdir.search_users('''', %L, per_page => 1)', sort)) AS by_page, pg_temp.try(format('SELECT userdir.search_users('''', %L, take => 1)', sort)) AS by_cursor
  FROM unnest(ARRAY['email":1', 'email) FROM userdir.users; --:1', 'user_metadata.a'' OR true --:1', 'user_metadata.\'' OR true --:1', 'user_metadata.\\'' OR true --:-1', 'user_metadata.{a}.c"d:1', E'user_metadata.a\nb:1', 'user_metadata.:1', '.:1', ':1',
                    'ctid:1', 'tableoid:1', 'xmin:1', 'email.x:1', 'a:1,a:1,a:1,a:1,a:1,a:1,a:1,a:1,a:1', 'name:1:1', 'user_metadata.%s:1', 'user_metadata.$1:1']) sort;
SET escape_string_warning = off;
SET standard_conforming_strings = off;
SELECT userdir.search_users('', 'user_metadata.\\'' OR true --:1', take => 1) -> 'next' IS NOT NULL AS found;
RESET standard_conforming_strings;
RESET escape_string_warning;
SELECT pg_temp.try($$SELECT userdir.search_users('', repeat('x', 1000000) || ':1')$$) AS long_name, pg_temp.try($$SELECT userdir.search_users('', 'user_metadata.' || repeat('x.', 100000) || ':1', per_page => 1)$$) AS long_path,
       pg_temp.try($$SELECT userdir.search_users('', repeat(' ', 1000000) || 'x:2')$$) AS long_blank;
SELECT fields, pg_temp.try(format('SELECT userdir.search_users('''', per_page => 1, fields => %L)', fields)) AS answer
  FROM unnest('{"user_id'') FROM x; --","\"user_id\"","user_id,",",","user_metadata.a"}'::text[]) fields;

-- Cursors that nobody gave out.
CREATE FUNCTION forged(place text) RETURNS text LANGUAGE sql AS $$ SELECT encode(convert_to(place, 'UTF8'), 'hex') $$;
CREATE FUNCTION follow(sort text, cursor text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT coalesce(string_agg(u ->> 'user_id', ' '), 'nobody') FROM jsonb_array_elements(userdir.search_users('', sort, take => 2, "from" => cursor) -> 'users') u);
EXCEPTION WHEN OTHERS THEN
  RETURN sqlstate || ': ' || sqlerrm;
END $$;
SELECT left(place, 60) AS place, follow('created_at:1', forged(place)) AS answer
  FROM unnest(ARRAY['', '1', '{}', '[]', 'null', '[', '["created_at:1"]', '["created_at:-1", "2020-01-01Z", "x"]', '["created_at:1", "2020-01-01Z", null]', '["created_at:1", "2020-01-01Z", "x", "y"]', '["created_at:1", "2020-01-01Z", "auth0|1"]',
                    '["created_at:1", "infinity", "x"]', '["created_at:1", "-infinity", "x"]', '["created_at:1", "294277-01-01", "x"]', '["created_at:1", "2020-01-01 Nowhere/Town", "x"]', '["created_at:1", null, "x"]', '["created_at:1", {"a": 1}, "x"]',
                    '["created_at:1", 1e100000, "x"]', '["created_at:1", "2020-01-01Z''::text OR true --", "x"]', '["created_at:1", "2020-01-03Z", "'' OR true --"]', '["created_at:1", "2020-01-03Z", {"a": "'' OR true --"}]', '["created_at:1", "\u0000", "x"]']) place;
SELECT cursor, follow('created_at:1', cursor) AS answer FROM unnest('{"",0,zz,00,ff,5bff5d}'::text[]) cursor;
SELECT follow('created_at:1', repeat('5b', 1000000)) AS deep, follow('created_at:1', forged('["created_at:1", "' || repeat('x', 1000000) || '", "x"]')) AS long;
SELECT left(place, 60) AS place, follow('user_metadata.a:1', forged(place)) AS answer
  FROM unnest(ARRAY['["user_metadata.a:1", 5, "auth0|99999"]', '["user_metadata.a:1", "\\'' OR true --", "x"]', '["user_metadata.a:1", -1e100000, "x"]', '["user_metadata.a:1", ' || repeat('[', 1000) || repeat(']', 1000) || ', "x"]', '["user_metadata.a:1", null, "x"]']) place;

-- Pages out of all bounds; an estimated total is not what nobody has found.
SELECT call, pg_temp.try(format('SELECT userdir.search_users('''', %s)', call)) AS answer
  FROM unnest('{per_page => 2147483647,per_page => -2147483648,page => -2147483648,take => 2147483647,take => -1,take => 0}'::text[]) call;
SELECT page, per_page, r -> 'length' AS length, (r ->> 'total')::bigint <= 4000 AS possible
  FROM (VALUES (2147483647, 100), (100, 40), (99, 40), (0, 0), (2147483647, 0)) p (page, per_page), userdir.search_users('', 'name:1', page => page, per_page => per_page, totals => 'estimated') r;

-- What the application added: a walk along its index only if that has the order which a sort has.
CREATE COLLATION public.alphabetical (provider = icu, locale = 'en');
CREATE FUNCTION public.compare_backwards(text, text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT bttextcmp($2, $1) $$;
CREATE OPERATOR CLASS public.backwards FOR TYPE text USING btree AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 public.compare_backwards(text, text);
ALTER TABLE userdir.users ADD area text COLLATE public.alphabetical NOT NULL DEFAULT '', ADD rank text COLLATE "C" NOT NULL DEFAULT '', ADD tenant varchar(10) COLLATE "C" NOT NULL DEFAULT '', ADD score double precision, ADD wait interval;
SET session_replication_role = replica;
UPDATE userdir.users u SET area = w.word, rank = w.word, tenant = w.word, score = w.n / 3.0::double precision + n * 1e-16, wait = -w.n * interval '1 hour 1 second' - n * interval '1 day'
  FROM (SELECT user_id, substr(user_id, 7)::integer AS n, (ARRAY['a', 'B', 'c', 'D'])[1 + substr(user_id, 7)::integer % 4] AS word FROM userdir.users) w WHERE w.user_id = u.user_id;
RESET session_replication_role;
VACUUM FULL userdir.users;
CREATE INDEX ON userdir.users (area, user_id);
CREATE INDEX ON userdir.users (rank public.backwards, user_id);
CREATE INDEX ON userdir.users (tenant, user_id);
VACUUM ANALYZE userdir.users;
CREATE FUNCTION page(sort text) RETURNS TABLE (how text, word text) LANGUAGE sql AS $$
  SELECT p.how, string_agg(to_jsonb(u) ->> split_part(sort, ':', 1), ' ' ORDER BY place)
    FROM userdir._page_of_users('userdir.users', '(p.user_metadata IS NOT NULL)', sort, 999, 2, false, false, NULL) p, unnest(p.ids) WITH ORDINALITY i (id, place) JOIN userdir.users u ON u.user_id = id GROUP BY p.how $$;
SELECT sort, p.* FROM unnest('{area:1,area:-1,rank:1,rank:-1,tenant:1,tenant:-1}'::text[]) sort, page(sort) p;
SET client_min_messages = warning;
DROP OPERATOR FAMILY public.backwards USING btree CASCADE;
RESET client_min_messages;
-- By cursor each of them is met once, with whatever settings the pages are asked for.
CREATE FUNCTION by_cursor(q text, sort text, size integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  page jsonb;
  place text;
  ids text[] := '{}';
BEGIN
  LOOP
    page := userdir.search_users(q, sort, take => size, "from" => place);
    ids := ids || ARRAY(SELECT jsonb_array_elements_text(jsonb_path_query_array(page, '$.users[*].user_id')));
    place := page ->> 'next';
    EXIT WHEN place IS NULL OR cardinality(ids) > 5000;
    -- The next page is asked for from another session.
    PERFORM set_config('intervalstyle', CASE WHEN cardinality(ids) % 2 = 0 THEN 'sql_standard' ELSE 'postgres' END, false);
  END LOOP;
  RETURN ids;
END $$;
SET extra_float_digits = -15;
SET intervalstyle = sql_standard;
SELECT sort, cardinality(b) AS found, b = e AS right
  FROM unnest('{area:1,area:-1,tenant:1,tenant:-1,score:1,score:-1,wait:1}'::text[]) sort, by_cursor('user_metadata.a:(1 OR 2)', sort, 97) b, LATERAL (SELECT array_agg(f) AS e FROM userdir.find_users('user_metadata.a:(1 OR 2)', sort) f) f;
RESET extra_float_digits;
RESET intervalstyle;

-- Row security holds in every part of an answer, and what is expected tells nothing of hidden rows.
CREATE FUNCTION expected(q text) RETURNS text LANGUAGE sql AS $$
  SELECT format('%s, %s', userdir.search_explain(q) -> 'rows', jsonb_path_query_array(userdir.search_explain(q), '$.parts[*].rows')) $$;
ALTER TABLE userdir.users ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON userdir.users TO ud_stranger USING (app_metadata -> 'team' = '7' AND email LIKE 'user%2@%');
SET ROLE ud_stranger;
SELECT q, jsonb_array_length(userdir.search_users(q, per_page => 100)) AS listed, userdir.search_users(q, include_totals => true) -> 'total' AS total, (userdir.search_users(q, totals => 'estimated') ->> 'total')::bigint < 200 AS estimated_so,
       userdir.count_users(q) AS counted, (SELECT count(*) FROM userdir.find_users(q)) AS found, cardinality(by_cursor(q, 'created_at:-1', 17)) AS by_cursor
  FROM unnest('{*:*,app_metadata.plan:gold,app_metadata.team:8,name:Name*,NOT app_metadata.team:7,email:user1*@example.com}'::text[]) q;
SELECT expected('app_metadata.plan:gold') = expected('app_metadata.plan:none') AS values, expected('app_metadata.plan:g*') = expected('app_metadata.plan:n*') AS patterns, expected('app_metadata.team:[1 TO 20]') = expected('app_metadata.team:[91 TO 92]') AS ranges,
       expected('name:*ame*') = expected('name:*xyz*') AS infixes, expected('app_metadata.plan:gold AND app_metadata.team:3') = expected('app_metadata.plan:none AND app_metadata.team:99') AS several;
RESET ROLE;
DROP POLICY few ON userdir.users;
ALTER TABLE userdir.users DISABLE ROW LEVEL SECURITY;

-- A name of a megabyte above many others takes no longer than it is; what is that far down is found.
CREATE TABLE documents (id integer, document jsonb);
INSERT INTO documents VALUES (1, jsonb_build_object(repeat('k', 1000000), (SELECT jsonb_object_agg('c' || i, jsonb_build_object('d', i)) FROM generate_series(1, 20000) i)));
INSERT INTO documents VALUES (2, jsonb_build_object(repeat('k', 1000000) || 'l', '{"c7": {"d": 7}}'::jsonb)), (3, '{"a23456789012345678901234": 1, "a": {"b": {"c23456789012345678901234": {"d": 2, "e": null}}}}');
SET statement_timeout = '10s';
CREATE INDEX ON documents USING gin (document userdir.jsonb_query_ops);
RESET statement_timeout;
SET enable_seqscan = off;
SELECT name, (SELECT array_agg(id ORDER BY id) FROM documents WHERE document OPERATOR(userdir.@@) q::userdir.userquery) AS found, (SELECT array_agg(id ORDER BY id) FROM documents WHERE userdir.jsonb_matches(document, q::userdir.userquery)) AS matching
  FROM (VALUES ('below a long name', repeat('k', 1000000) || '.c7.d:7'), ('below another', repeat('k', 1000000) || 'l.c7.d:7'), ('not there', repeat('k', 1000000) || '.c7.d:8'), ('not on that way', repeat('k', 999999) || '.c7.d:7'),
               ('24 bytes', 'a23456789012345678901234:1'), ('in steps', 'a.b.c23456789012345678901234.d:2'), ('as one name', 'a\.b.c23456789012345678901234.d:2'), ('existence', '_exists_:a.b.c23456789012345678901234.e'), ('parent', '_exists_:a.b.c23456789012345678901234')) c (name, q);
RESET enable_seqscan;
-- Nor does a query of very many parts.
SET userdir.query_max_nodes = 100000;
SET statement_timeout = '30s';
SELECT cardinality(userdir._query_parts(q)) AS parts, userdir._query_fields(q) AS fields
  FROM (SELECT string_agg(format('f%s:%s', i % 3, i % 40000), ' OR ')::userdir.userquery AS q FROM generate_series(1, 60000) i) q;
SELECT cardinality(userdir._query_parts(q)) AS parts, cardinality(userdir._query_fields(q)) AS fields
  FROM (SELECT ('(' || string_agg(format('f%s:1', i), ' OR ') || ') AND NOT (' || string_agg(format('f%s:1', i), ' OR ') || ')')::userdir.userquery AS q FROM generate_series(1, 20000) i) q;
RESET statement_timeout;
RESET userdir.query_max_nodes;
SET client_min_messages = warning;
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
RESET client_min_messages;
SELECT userdir.revoke_from('ud_stranger', 'reader');
DROP ROLE ud_stranger;
