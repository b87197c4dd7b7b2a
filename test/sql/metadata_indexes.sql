-- Indexes on paths of the metadata: create_metadata_index() and its siblings, what they serve, and that nothing fails for their sake
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SELECT count(*) > 0 AS lean FROM userdir.install(search_indexes => 'lean');
SELECT userdir.create_connection('users', 'auth0') ->> 'name' AS connection;
SET session_replication_role = replica;
INSERT INTO userdir.users (user_id, email, app_metadata, user_metadata, created_at)
SELECT 'auth0|' || lpad((i * 7919 % 10007)::text, 5, '0'), 'user' || i || '@example.com',
       jsonb_build_object('plan', CASE WHEN i % 10 < 3 THEN 'gold' ELSE 'free' END, 'stripe', jsonb_build_object('customer', 'cus_' || i), 'quota', i * 31 % 5000, 'beta', CASE WHEN i % 100 = 0 THEN true END),
       CASE WHEN i % 3 > 0 THEN jsonb_build_object('size', i % 50, 'joined', '2020-01-01'::date + i % 1000,
         'mixed', CASE i % 7 WHEN 0 THEN to_jsonb(i % 20) WHEN 1 THEN to_jsonb('text ' || i % 9) WHEN 2 THEN 'null' WHEN 3 THEN to_jsonb(i % 2 = 0) WHEN 4 THEN jsonb_build_array(i % 3) WHEN 5 THEN '{}' END) END,
       timestamptz '2020-01-01Z' + i * interval '1 minute'
  FROM generate_series(1, 10000) i;
RESET session_replication_role;
VACUUM ANALYZE userdir.users;

-- Made, listed, and made only once.
SELECT name, type FROM (VALUES ('app_metadata.stripe.customer', 'search'), ('app_metadata.plan', 'search'), ('app_metadata.quota', 'sort'), ('user_metadata.mixed', 'sort'), ('user_metadata.size', 'sort'),
  ('app_metadata.quota', 'number'), ('app_metadata.beta', 'boolean'), ('user_metadata.joined', 'date')) w (path, type), userdir.create_metadata_index(path, type) name;
SELECT userdir.create_metadata_index('app_metadata.stripe.customer', 'text', unique_values => true) AS name;
SELECT userdir.create_metadata_index('app_metadata.stripe.customer', 'text', unique_values => true) AS again;
SELECT name, path, type, unique_values, valid, size > 0 AS has_size, definition FROM userdir.metadata_indexes();
-- install() leaves them alone, whatever its own set of indexes; searches find the same with either, and without any.
CREATE TABLE asked AS SELECT path || ':' || value AS q FROM unnest('{app_metadata.stripe.customer,app_metadata.plan,user_metadata.mixed}'::text[]) path,
  unnest(ARRAY['gold', 'cus_77', 'cus_77*', '*7', 'cus_?', '[cus_5 TO cus_51}', '[* TO d]', '7', '[5 TO 15]', 'true', '"text 3"', '*']) value;
INSERT INTO asked SELECT format('%s %s %s', a.q, o, b.q) FROM asked a, asked b, unnest('{AND,OR,AND NOT}'::text[]) o WHERE hashtext(a.q || o || b.q) % 40 = 0;
INSERT INTO asked SELECT 'NOT (' || q || ')' FROM asked;
CREATE FUNCTION answers() RETURNS SETOF bigint LANGUAGE sql AS $$ SELECT (SELECT sum(hashtext(f)) FROM userdir.find_users(q) f) FROM asked ORDER BY q COLLATE "C" $$;
SET jit = off;
CREATE TABLE of_lean AS SELECT row_number() OVER () AS n, a FROM answers() a;
SELECT * FROM userdir.install(search_indexes => 'full') done WHERE done LIKE '%metadata%';
CREATE TABLE of_full AS SELECT row_number() OVER () AS n, a FROM answers() a;
SELECT * FROM userdir.install(search_indexes => 'lean') done WHERE done LIKE '%metadata%';
SELECT count(*) FROM userdir.metadata_indexes();
SET enable_bitmapscan = off;
CREATE TABLE of_scan AS SELECT row_number() OVER () AS n, a FROM answers() a;
RESET enable_bitmapscan;
SELECT count(*) AS searches, count(DISTINCT s.a) > 25 AS differ_enough, count(*) FILTER (WHERE l.a IS DISTINCT FROM s.a) AS lean_is_wrong, count(*) FILTER (WHERE f.a IS DISTINCT FROM s.a) AS full_is_wrong
  FROM of_scan s JOIN of_lean l USING (n) JOIN of_full f USING (n);

-- What the typed ones serve: equality, ranges, orders, joins, in the words of ordinary SQL.
CREATE FUNCTION plan(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || statement;
END $$;
SET search_path = public, userdir;
SELECT plan($$SELECT user_id FROM users WHERE metadata_text(app_metadata, 'stripe', 'customer') = 'cus_77'$$);
SELECT user_id FROM users WHERE metadata_text(app_metadata, 'stripe', 'customer') = 'cus_77';
SELECT plan($$SELECT user_id FROM users WHERE metadata_text(app_metadata, VARIADIC '{stripe,customer}') IN ('cus_77', 'cus_78')$$);
SELECT plan($$SELECT user_id FROM users WHERE metadata_number(app_metadata, 'quota') BETWEEN 10 AND 12$$);
SELECT count(*) AS by_index, (SELECT count(*) FROM users WHERE (app_metadata ->> 'quota')::integer BETWEEN 10 AND 12) AS by_scan FROM users WHERE metadata_number(app_metadata, 'quota') BETWEEN 10 AND 12;
SELECT plan($$SELECT user_id FROM users WHERE metadata_boolean(app_metadata, 'beta')$$);
SELECT plan($$SELECT user_id FROM users WHERE metadata_date(user_metadata, 'joined') >= '2022-09-25Z'$$);
SELECT plan($$SELECT user_id FROM users ORDER BY metadata_number(app_metadata, 'quota') DESC LIMIT 3$$);
SELECT plan($$SELECT user_id FROM users WHERE metadata_text(app_metadata, 'stripe', 'customer') > 'cus_5' ORDER BY metadata_text(app_metadata, 'stripe', 'customer') LIMIT 3$$);
CREATE TABLE customers (id text PRIMARY KEY, name text);
INSERT INTO customers SELECT 'cus_' || i, 'Customer ' || i FROM generate_series(1, 3) i;
ANALYZE customers;
SELECT plan($$SELECT c.name, u.email FROM customers c JOIN users u ON c.id = metadata_text(u.app_metadata, 'stripe', 'customer')$$);
SELECT c.name, u.email FROM customers c JOIN users u ON c.id = metadata_text(u.app_metadata, 'stripe', 'customer') ORDER BY c.id;
-- ANALYZE knows the values: what is rare and what is common.
CREATE FUNCTION rows_expected(condition text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) SELECT FROM userdir.users WHERE ' || condition INTO plan;
  RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;
SELECT rows_expected($$metadata_boolean(app_metadata, 'beta')$$) BETWEEN 50 AND 200 AS boolean, rows_expected($$NOT metadata_boolean(app_metadata, 'beta')$$) BETWEEN 9800 AND 9950 AS negated, rows_expected($$metadata_number(app_metadata, 'quota') < 500$$) BETWEEN 800 AND 1200 AS number, rows_expected($$metadata_text(app_metadata, 'stripe', 'customer') = 'x'$$) AS text;

-- A unique index refuses a second user with the value, with the ordinary error, and leaves no trace of it.
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "a@example.com", "app_metadata": {"stripe": {"customer": "cus_5"}}}')$$);
SELECT pg_temp.try($$UPDATE userdir.users SET app_metadata = '{"stripe": {"customer": "cus_5"}}' WHERE user_id = 'auth0|07919'$$);
SELECT count(*) FROM userdir.identifiers WHERE value = 'a@example.com';
SELECT userdir.create_user('users', '{"email": "a@example.com", "user_id": "a", "app_metadata": {"stripe": {"customer": ["cus_5"]}}}') ->> 'user_id' AS another_type_is_no_value;
SELECT pg_temp.try($$SELECT userdir.update_user('auth0|a', '{"app_metadata": {"stripe": {"customer": "cus_5"}}}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "a@example.com", "user_id": "a"}')$$);
SELECT userdir.delete_user('auth0|a');
SELECT pg_temp.try($$SELECT userdir.create_metadata_index('app_metadata.plan', 'text', true)$$) AS not_unique;

-- Searches of a lean directory: those on the paths, and of others the part that is on them.
SELECT plan($$SELECT user_id FROM users u WHERE u @@ 'app_metadata.stripe.customer:cus_77'$$);
SELECT plan($$SELECT user_id FROM users u WHERE u @@ 'app_metadata.stripe.customer:cus_77* AND user_metadata.size:>10 AND NOT app_metadata.plan:gold'$$);
SELECT plan($$SELECT user_id FROM profiles u WHERE u @@ 'app_metadata.stripe.customer:[cus_77 TO cus_771]'$$);
SELECT plan($$SELECT user_id FROM users u WHERE u @@ 'app_metadata.quota:77'$$);
SELECT e -> 'indexes' AS indexes, jsonb_path_query_array(e, '$.parts[*].indexes') AS parts FROM search_explain('app_metadata.stripe.customer:cus_77* AND app_metadata.quota:77') e;

-- Sorted lists: every page in both directions, by number and by cursor, is what SQL says.
CREATE FUNCTION page(q text, sort text, skip bigint, size integer, count_all boolean, OUT ids text[], OUT total bigint, OUT how text) LANGUAGE sql AS $$
  SELECT ids, total, how
    FROM userdir._page_of_users('userdir.users', userdir._search_condition(q::userdir.userquery), sort, skip, size, count_all, false, NULL) $$;
CREATE FUNCTION expected(condition text, sort text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  field text[] := string_to_array(split_part(sort, ':', 1), '.');
  direction text := CASE WHEN sort LIKE '%:-1' THEN 'DESC NULLS LAST' ELSE 'ASC' END;
  ids text[];
BEGIN
  EXECUTE format('SELECT array_agg(user_id ORDER BY nullif(%I #> %L, ''null'') %s, user_id %s) FROM userdir.users WHERE %s', field[1], field[2:], direction, split_part(direction, ' ', 1), condition) INTO ids;
  RETURN ids;
END $$;
CREATE FUNCTION by_cursor(q text, sort text, size integer, OUT ids text[], OUT ways text[]) LANGUAGE plpgsql AS $$
DECLARE
  page record;
  place text;
BEGIN
  ids := '{}';
  ways := '{}';
  LOOP
    page := userdir._page_of_users('userdir.users', userdir._search_condition(q::userdir.userquery), sort, 0, size, false, true, place);
    ids := ids || page.ids;
    ways := CASE WHEN page.how = ANY (ways) THEN ways ELSE ways || page.how END;
    EXIT WHEN page.next IS NULL;
    place := page.next;
  END LOOP;
END $$;
CREATE TABLE sorts AS SELECT field || direction AS sort FROM unnest('{app_metadata.quota,user_metadata.mixed,user_metadata.size}'::text[]) field, unnest('{:1,:-1}'::text[]) direction;
CREATE TABLE searches (q text, condition text);
INSERT INTO searches VALUES ('', 'true'), ('app_metadata.plan:gold', $$app_metadata ->> 'plan' = 'gold'$$), ('NOT app_metadata.plan:gold', $$app_metadata ->> 'plan' <> 'gold'$$), ('app_metadata.quota:<50', $$(app_metadata ->> 'quota')::integer < 50$$);
SELECT sort, p.how AS first_page, l.how AS late_page FROM sorts, page('', sort, 0, 20, false) p, page('', sort, 500, 20, false) l ORDER BY sort COLLATE "C";
SELECT count(*) AS pages, count(*) FILTER (WHERE p.ids IS DISTINCT FROM e.ids[skip + 1:skip + 50] OR t.ids IS DISTINCT FROM e.ids[skip + 1:skip + 50]) AS wrong_pages, count(*) FILTER (WHERE t.total <> cardinality(e.ids)) AS wrong_totals
  FROM (SELECT q, sort, expected(condition, sort) AS ids FROM searches, sorts) e, unnest('{0,50,1000,6600,6700,9990}'::integer[]) skip, page(q, sort, skip, 50, false) p, page(q, sort, skip, 50, true) t WHERE skip < cardinality(e.ids);
SELECT sort, ways @> '{walked}' AS walked, c.ids = expected('true', sort) AS right_ FROM sorts, by_cursor('', sort, 97) c ORDER BY sort COLLATE "C";
SELECT sort, c.ids = expected($$app_metadata ->> 'plan' = 'gold'$$, sort) AS right_ FROM sorts, by_cursor('app_metadata.plan:gold', sort, 50) c ORDER BY sort COLLATE "C";
-- Users change in between, and under the walk's own transaction.
BEGIN;
UPDATE userdir.users SET user_metadata = jsonb_build_object('mixed', 'now a text', 'size', 7) WHERE user_id LIKE '%7';
DELETE FROM userdir.users WHERE user_id LIKE '%3';
SELECT sort, ways @> '{walked}' AS walked, c.ids = expected('true', sort) AS right_ FROM sorts, by_cursor('', sort, 500) c ORDER BY sort COLLATE "C";
ROLLBACK;
SELECT count(*) FILTER (WHERE c.ids <> expected('true', sort)) AS wrong FROM sorts, by_cursor('', sort, 500) c;
-- An ordinary query in that order uses the index, too.
SELECT plan($$SELECT user_id FROM users ORDER BY metadata_sort_key(user_metadata, 'mixed'), user_id LIMIT 10$$);
SELECT jsonb_array_length(list_users(sort => 'user_metadata.mixed:-1', take => 30) -> 'users') AS listed, (SELECT array_agg(f) FROM find_users('app_metadata.quota:<50', 'app_metadata.quota:-1') f) = expected($$(app_metadata ->> 'quota')::integer < 50$$, 'app_metadata.quota:-1') AS found;
-- Indexes of the application that have another order, or not all rows, are not taken for one.
CREATE INDEX other_order ON users (name DESC, user_id);
CREATE INDEX other_bytes ON users (user_id text_pattern_ops, email);
CREATE INDEX not_all ON users (blocked, user_id) WHERE blocked;
CREATE INDEX usable ON users (username COLLATE "C", user_id);
SELECT sort, how FROM unnest('{name:1,username:1,username:-1,blocked:1}'::text[]) sort, page('', sort, 0, 10, false);
DROP INDEX other_order, other_bytes, not_all, usable;

-- Nothing that somebody stores is too long for these indexes: texts, numbers and documents that do not compress.
SELECT userdir.create_metadata_index('user_metadata.v', type) FROM unnest('{search,sort,text,number,boolean,date}'::text[]) type;
CREATE FUNCTION noise(bytes integer, seed integer) RETURNS text LANGUAGE sql AS $$ SELECT left(string_agg(encode(sha256((seed || ':' || i)::bytea), 'base64'), ''), bytes) FROM generate_series(1, bytes / 40 + 1) i $$;
CREATE TABLE long_values AS
SELECT 'l' || n AS id, v FROM (SELECT row_number() OVER () AS n, v FROM (
  SELECT to_jsonb(noise(bytes, 1)) FROM unnest('{499,500,501,1999,2000,2001,2600,2800,8200,100000}'::integer[]) bytes
  UNION ALL SELECT to_jsonb(noise(100000, seed)) FROM generate_series(2, 4) seed
  UNION ALL SELECT to_jsonb(repeat('ä', 100000))
  UNION ALL SELECT to_jsonb(regexp_replace(noise(digits * 8, 5), '\D', '', 'g')::numeric) FROM unnest('{100,4000,100000}'::integer[]) digits
  UNION ALL SELECT jsonb_agg(noise(900, i)) FROM generate_series(1, 100) i
  UNION ALL SELECT jsonb_object_agg(noise(90, i), noise(900, i)) FROM generate_series(1, 100) i) v (v)) x;
SELECT count(*) AS created FROM (SELECT userdir.create_user('users', jsonb_build_object('email', id || '@example.com', 'user_id', repeat('i', 240) || id, 'user_metadata', jsonb_build_object('v', v, 'size', 1))) FROM long_values) u;
CREATE TABLE ids AS SELECT user_id FROM userdir.users WHERE user_metadata ? 'v';
SELECT count(*) AS updated FROM (SELECT userdir.update_user(user_id, jsonb_build_object('user_metadata', jsonb_build_object('size', user_metadata -> 'v', 'mixed', user_metadata -> 'v', 'joined', user_metadata -> 'v'))) FROM userdir.users JOIN ids USING (user_id)) u;
-- Ordered by what counts of them, the same forwards, backwards and without the index.
SELECT count(*) AS listed, array_agg(id ORDER BY place) = (SELECT array_agg(u.user_id ORDER BY metadata_sort_key(u.user_metadata, 'v'), u.user_id) FROM userdir.users u JOIN ids USING (user_id)) AS ascending
  FROM (SELECT id, place FROM by_cursor('', 'user_metadata.v:1', 100) c, unnest(c.ids) WITH ORDINALITY i (id, place)) l JOIN ids ON ids.user_id = id;
SELECT count(*) AS listed, array_agg(id ORDER BY place) = (SELECT array_agg(u.user_id ORDER BY metadata_sort_key(u.user_metadata, 'v') DESC NULLS LAST, u.user_id DESC) FROM userdir.users u JOIN ids USING (user_id)) AS descending
  FROM (SELECT id, place FROM by_cursor('', 'user_metadata.v:-1', 100) c, unnest(c.ids) WITH ORDINALITY i (id, place)) l JOIN ids ON ids.user_id = id;
SELECT count(*) AS long_texts, count(metadata_text(v, VARIADIC '{}')) AS comparable FROM long_values WHERE jsonb_typeof(v) = 'string';
SELECT count(*) FILTER (WHERE NOT EXISTS (SELECT FROM userdir.users u WHERE metadata_text(u.user_metadata, 'v') = v #>> '{}')) AS not_found FROM long_values WHERE metadata_text(v, VARIADIC '{}') IS NOT NULL;
SELECT count(*) AS searches, count(*) FILTER (WHERE count_users(format('user_metadata.v:"%s"', v #>> '{}')) < 1) AS not_found FROM long_values WHERE jsonb_typeof(v) = 'string' AND octet_length(v #>> '{}') <= 8200;
SELECT count(*) AS deleted FROM (SELECT userdir.delete_user(user_id) FROM ids) d;

-- Names are readable, unambiguous, and short enough.
SELECT path, userdir._metadata_index_name(userdir._metadata_path(path), 'text') AS name, length(userdir._metadata_index_name(userdir._metadata_path(path), 'boolean')) <= 63 AS fits
  FROM unnest(ARRAY['app_metadata.plan', 'app_metadata.a.b', 'app_metadata.a_b', 'app_metadata.a\.b', 'app_metadata.a__b', 'app_metadata.A.b', 'app_metadata.a b', 'user_metadata.größe', 'user_metadata.' || repeat('long.', 20) || 'x', 'user_metadata.' || repeat('long.', 20) || 'y',
       'app_metadata.a\\.b', 'app_metadata.a\\\.b', E'app_metadata.line\nbreak', 'app_metadata.''', 'app_metadata."', 'app_metadata.1', 'app_metadata.{}', 'app_metadata.a\,b', 'app_metadata.NULL', 'app_metadata. ']) path;
CREATE TABLE odd AS SELECT path, type, userdir.create_metadata_index(path, type) AS name
  FROM unnest(ARRAY['app_metadata.a.b', 'app_metadata.a_b', 'app_metadata.a\.b', 'app_metadata.a\\.b', 'app_metadata.a b.c', 'app_metadata.a\\', 'app_metadata.{}', 'app_metadata.NULL', 'app_metadata.x''y"', 'app_metadata.a,b', 'app_metadata. ', 'app_metadata.x ', 'user_metadata.a.b', 'user_metadata.größe']) path,
       unnest('{search,sort,text}'::text[]) type;
SELECT count(*) AS made, count(DISTINCT i.name) AS names, bool_and(i.path = o.path) AS as_given, bool_and(userdir.create_metadata_index(o.path, o.type) = o.name) AS found_again FROM odd o JOIN userdir.metadata_indexes() i USING (name, type);
SELECT path, userdir._sort_path(path) FROM unnest(ARRAY['a.b', 'a\.b', 'a\\.b', 'a\\\.b', 'a\\\\.b', '\a', 'a\', '.', 'a..b', '']) path;
-- The language of searches means the same by a path.
SET session_replication_role = replica;
UPDATE userdir.users SET app_metadata = '{"a.b": "dot", "größe": 1, " ": "blank", "a\\": {"b": "below"}, "x''y\"": "quotes", "a": {"b": "path"}}' WHERE user_id = 'auth0|07919';
RESET session_replication_role;
SELECT q, (SELECT string_agg(trim(line), ' / ') FROM plan(format('SELECT FROM users u WHERE u @@ %L', q)) line WHERE line ~ 'Index') AS index, count_users(q)
  FROM unnest(ARRAY['app_metadata.a.b:path', 'app_metadata.a\.b:dot', 'app_metadata.a\\.b:below', 'app_metadata.x''y\":quotes', 'app_metadata.\ :blank']) q;

-- Refused.
SELECT path, type, is_unique, pg_temp.try(format('SELECT userdir.create_metadata_index(%L, %L, %L)', path, type, is_unique)) AS result
  FROM (VALUES ('plan', 'text', false), ('attributes.plan', 'text', false), ('identities.provider', 'search', false), ('app_metadata', 'sort', false), ('user_metadata', 'text', false), ('app_metadata.', 'text', false), ('app_metadata..a', 'text', false), ('app_metadata.a.', 'sort', false),
       ('.app_metadata.a', 'text', false), ('', 'text', false), (NULL, 'text', false), ('app_metadata.a', 'integer', false), ('app_metadata.a', '', false), ('app_metadata.a', NULL, false), ('app_metadata.a', 'Text', false), ('app_metadata.a', 'search', true), ('app_metadata.a', 'sort', true),
       ('app_metadata.quota', 'number', true), ('app_metadata.stripe.customer', 'text', false), ('app_metadata.stripe.customer', 'text', NULL), ('users.app_metadata.a', 'text', false), ('app_metadata.a'');DROP TABLE users;--', 'nothing', false)) w (path, type, is_unique);
SELECT pg_temp.try(format('SELECT userdir.create_metadata_index(%L, ''search'')', 'app_metadata.' || repeat(E'\\.', 243) || 'x')) AS longest, pg_temp.try(format('SELECT userdir.create_metadata_index(%L, ''search'')', 'app_metadata.' || repeat('x', 488))) AS too_long;
CREATE TABLE userdir.users_app_metadata_taken_text_idx ();
SELECT pg_temp.try($$SELECT userdir.create_metadata_index('app_metadata.taken', 'text')$$);
DROP TABLE userdir.users_app_metadata_taken_text_idx;

-- Those made by hand count if they are the same, and not if they are something else.
SET search_path = public;
CREATE INDEX by_hand ON userdir.users (userdir.metadata_text(app_metadata, 'by', 'hand'));
CREATE INDEX not_ours_1 ON userdir.users (userdir.metadata_text(app_metadata, 'other')) WHERE blocked;
CREATE INDEX not_ours_2 ON userdir.users (userdir.metadata_text(app_metadata, 'other') DESC);
CREATE INDEX not_ours_3 ON userdir.users (userdir.metadata_text(app_metadata, 'other') COLLATE "C");
CREATE INDEX not_ours_4 ON userdir.users (userdir.metadata_text(app_metadata, 'other') text_pattern_ops);
CREATE INDEX not_ours_5 ON userdir.users (userdir.metadata_text(app_metadata, 'other'), user_id);
CREATE INDEX not_ours_6 ON userdir.users (userdir.metadata_sort_key(app_metadata, 'other'));
CREATE INDEX not_ours_7 ON userdir.users (userdir.metadata_text(attributes, 'other'));
CREATE INDEX not_ours_8 ON userdir.users (userdir.metadata_text(app_metadata, VARIADIC ARRAY['other', left('x', 1)]));
CREATE INDEX not_ours_9 ON userdir.users USING gin (app_metadata userdir.jsonb_query_paths_ops (paths = 'other,another'));
CREATE INDEX not_ours_10 ON userdir.users USING gin (app_metadata userdir.jsonb_query_paths_ops);
CREATE INDEX not_ours_11 ON userdir.users USING hash (userdir.metadata_text(app_metadata, 'other'));
CREATE INDEX as_search ON userdir.users USING gin (user_metadata userdir.jsonb_query_paths_ops (paths = ' as.search '));
SELECT name, path, type FROM userdir.metadata_indexes() WHERE path ~ 'other|hand|as[.]search';
SELECT userdir.create_metadata_index('app_metadata.by.hand', 'text') AS there_already, userdir.create_metadata_index('user_metadata.as.search', 'search') AS this_too, userdir.create_metadata_index('app_metadata.other', 'text') AS made;
-- Dropped by name, by path and type, or by hand; nothing else is.
SELECT userdir.drop_metadata_index('by_hand'), userdir.drop_metadata_index('app_metadata.other', 'text'), userdir.drop_metadata_index('user_metadata.as.search', type => 'search');
SELECT index, type, pg_temp.try(format('SELECT userdir.drop_metadata_index(%L, %L)', index, type)) AS result
  FROM (VALUES ('by_hand', NULL), ('not_ours_1', NULL), ('users_email_idx', NULL), ('users_pkey', NULL), ('app_metadata.other', NULL), ('app_metadata.other', 'text'), ('app_metadata.plan', 'sort'), ('plan', 'text'), ('app_metadata.plan', 'x'), (NULL, NULL), (NULL, 'text'), ('users; DROP TABLE userdir.users', NULL)) w (index, type);
DROP INDEX userdir.users_app_metadata_quota_number_idx;
SELECT name FROM userdir.metadata_indexes() WHERE path = 'app_metadata.quota';
-- One that CREATE INDEX CONCURRENTLY could not finish is none.
\set VERBOSITY terse
CREATE UNIQUE INDEX CONCURRENTLY unfinished ON userdir.users (userdir.metadata_text(app_metadata, 'plan'));
\set VERBOSITY default
SELECT name, valid FROM userdir.metadata_indexes() WHERE NOT valid;
SELECT pg_temp.try($$SELECT userdir.create_metadata_index('app_metadata.plan', 'text')$$);
SELECT userdir.drop_metadata_index('app_metadata.plan', 'text');
SELECT userdir.create_metadata_index('app_metadata.plan', 'text');

-- For owner and administrators; whoever may write users may do so beside the indexes.
SET client_min_messages = warning;
DROP ROLE IF EXISTS ud_index_admin, ud_index_editor;
CREATE ROLE ud_index_admin; CREATE ROLE ud_index_editor;
RESET client_min_messages;
SELECT userdir.grant_to('ud_index_admin', 'admin'), userdir.grant_to('ud_index_editor', 'editor');
SET ROLE ud_index_editor;
SELECT pg_temp.try($$SELECT userdir.create_metadata_index('app_metadata.mine', 'text')$$);
SELECT pg_temp.try($$SELECT userdir.drop_metadata_index('app_metadata.plan', 'text')$$);
SELECT pg_temp.try($$SELECT * FROM userdir.metadata_indexes()$$);
UPDATE userdir.users SET user_metadata = '{"size": 1, "v": "x"}' WHERE user_id = 'auth0|07919' RETURNING userdir.metadata_number(user_metadata, 'size') AS size;
SET ROLE ud_index_admin;
SELECT userdir.create_metadata_index('app_metadata.mine', 'text') AS made;
SELECT name, path, type FROM userdir.metadata_indexes() WHERE path = 'app_metadata.mine';
SELECT userdir.drop_metadata_index('app_metadata.mine', 'text') AS dropped;
RESET ROLE;
SELECT userdir.revoke_from('ud_index_admin', 'admin'), userdir.revoke_from('ud_index_editor', 'editor');
DROP ROLE ud_index_admin, ud_index_editor;
SELECT DISTINCT c.relowner = u.relowner AS owned_by_the_owner FROM userdir.metadata_indexes() i JOIN pg_class c ON c.oid = ('userdir.' || quote_ident(i.name))::regclass, pg_class u WHERE u.oid = 'userdir.users'::regclass;

-- They go with the extension, and come back when they are made again.
CREATE TABLE definitions AS SELECT definition FROM userdir.metadata_indexes() WHERE path ~ 'plan|quota|stripe';
SET client_min_messages = warning;
DROP EXTENSION userdir CASCADE;
RESET client_min_messages;
SELECT count(*) = 10000 AS rows_stay FROM userdir.users;
CREATE EXTENSION userdir;
SELECT * FROM userdir.install() done WHERE done LIKE '%metadata%';
SELECT count(*) FROM userdir.metadata_indexes();
SELECT pg_temp.try(definition), definition FROM definitions;
SELECT name, path, type, unique_values FROM userdir.metadata_indexes();
SET client_min_messages = warning;
DROP TABLE definitions, asked, of_lean, of_full, of_scan, odd, customers, ids, long_values, sorts, searches;
