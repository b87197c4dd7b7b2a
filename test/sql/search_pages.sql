-- The ways a page of a search is made: which one is taken, and that all give the same page and total
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
-- Enough users for all ways to differ, in no order of their creation.
SET session_replication_role = replica;
INSERT INTO userdir.users (user_id, email, name, username, blocked, app_metadata, user_metadata, created_at)
SELECT 'auth0|' || i, 'user' || i || '@example.com', 'Name ' || i % 977, CASE WHEN i % 4 = 0 THEN 'u' || i END, CASE WHEN i % 5 < 2 THEN i % 5 = 0 END,
       jsonb_build_object('plan', CASE WHEN i % 10 < 3 THEN 'gold' ELSE 'free' END, 'org', i % 200, 'late', CASE WHEN i <= 1500 THEN true END, 'some', i % 40),
       CASE WHEN i % 3 = 0 THEN jsonb_build_object('size', i % 50) END,
       timestamptz '2020-01-01Z' + CASE WHEN i <= 1500 THEN -i ELSE i * 7919 % 10000 END * interval '1 minute'
  FROM generate_series(1, 10000) i;
RESET session_replication_role;
VACUUM ANALYZE userdir.users;

CREATE FUNCTION page(q text, sort text, skip bigint, size integer, count_all boolean, OUT ids text[], OUT total bigint, OUT how text) LANGUAGE sql AS $$
  SELECT ids, total, how
    FROM userdir._page_of_users('userdir.users', userdir._search_condition(q::userdir.userquery), sort, skip, size, count_all, false, NULL) $$;
-- What SQL says, by its own means.
CREATE FUNCTION expected(condition text, sort text, skip integer, size integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  ids text[];
BEGIN
  EXECUTE format('SELECT coalesce(array_agg(user_id ORDER BY place), ''{}'')
                    FROM (SELECT user_id, row_number() OVER (ORDER BY %1$s, user_id %2$s) AS place FROM userdir.users WHERE %3$s
                           ORDER BY place LIMIT %4$s OFFSET %5$s) p',
                 split_part(sort, ':', 1) || CASE WHEN sort LIKE '%-1' THEN ' DESC' ELSE '' END, CASE WHEN sort LIKE '%-1' THEN 'DESC' ELSE '' END, condition, size, skip) INTO ids;
  RETURN ids;
END $$;
CREATE FUNCTION total(condition text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  n bigint;
BEGIN
  EXECUTE 'SELECT count(*) FROM userdir.users WHERE ' || condition INTO n;
  RETURN n;
END $$;
CREATE TABLE searches (n integer GENERATED ALWAYS AS IDENTITY, q text, condition text);
INSERT INTO searches (q, condition) VALUES
  ('', 'true'), ('app_metadata.plan:gold', $$app_metadata ->> 'plan' = 'gold'$$), ('app_metadata.org:7', $$app_metadata -> 'org' = '7'$$),
  ('app_metadata.some:5', $$app_metadata -> 'some' = '5'$$), ('NOT app_metadata.plan:gold', $$app_metadata ->> 'plan' <> 'gold'$$),
  ('app_metadata.some:5 AND name:*7*', $$app_metadata -> 'some' = '5' AND name LIKE '%7%'$$), ('app_metadata.late:true', $$app_metadata -> 'late' = 'true'$$),
  ('app_metadata.plan:silver', 'false'), ('email:user12*', $$email LIKE 'user12%'$$), ('user_id:"auth0|77"', $$user_id = 'auth0|77'$$), ('_exists_:user_metadata', 'user_metadata IS NOT NULL'),
  -- what the predicates of partial indexes say
  ('_exists_:blocked', 'blocked IS NOT NULL'), ('username:*', 'username IS NOT NULL'), ('NOT blocked:true AND _exists_:blocked', 'NOT blocked');
CREATE TABLE calls AS
SELECT s.n, s.q, s.condition, sort, skip, size
  FROM searches s, (VALUES ('created_at:-1', 0, 50), ('created_at:-1', 60, 50), ('created_at:-1', 0, 0), ('created_at:1', 9000, 50), ('updated_at:1', 0, 50),
       ('updated_at:1', 9000, 50), ('user_id:-1', 60, 50)) c (sort, skip, size);
SELECT s.q, p.how AS first_page, t.how AS with_total, t.total
  FROM searches s, page(s.q, 'created_at:-1', 0, 50, false) p, page(s.q, 'created_at:-1', 0, 50, true) t ORDER BY s.n;

-- Every call, and the same with the bitmaps, the sequential scans or both forbidden.
CREATE FUNCTION judge() RETURNS TABLE (calls bigint, wrong_pages bigint, wrong_totals bigint, ways bigint) LANGUAGE sql AS $$
  SELECT count(*), count(*) FILTER (WHERE p.ids IS DISTINCT FROM e.ids OR t.ids IS DISTINCT FROM e.ids),
         count(*) FILTER (WHERE t.total IS DISTINCT FROM e.total), count(DISTINCT p.how)
    FROM (SELECT *, expected(condition, sort, skip, size) AS ids, total(condition) FROM calls) e,
         page(e.q, e.sort, e.skip, e.size, false) p, page(e.q, e.sort, e.skip, e.size, true) t $$;
SELECT * FROM judge();
SET enable_bitmapscan = off;
SELECT calls, wrong_pages, wrong_totals FROM judge();
SET enable_seqscan = off;
SELECT calls, wrong_pages, wrong_totals FROM judge();
RESET enable_bitmapscan;
SELECT calls, wrong_pages, wrong_totals FROM judge();

-- Rows that are dead, changed, or of this transaction only; small memory makes bitmaps lose their precision.
SET work_mem = '64kB';
BEGIN;
DELETE FROM userdir.users WHERE (app_metadata ->> 'org')::integer % 9 = 0;
UPDATE userdir.users SET app_metadata = app_metadata || '{"plan": "gold"}' WHERE (app_metadata ->> 'org')::integer % 11 = 0;
SELECT calls, wrong_pages, wrong_totals FROM judge();
ROLLBACK;
SELECT calls, wrong_pages, wrong_totals FROM judge();
RESET work_mem;
RESET enable_seqscan;

-- A walk whose expectation was wrong gives up: these users are the oldest, so it would see nearly all others.
SET enable_bitmapscan = off;
SELECT how, cardinality(ids) AS ids FROM page('app_metadata.late:true', 'created_at:-1', 0, 50, false);
RESET enable_bitmapscan;
-- Where no index has the order, the planner or a sort makes the page.
SELECT sort, p.how, p.ids = t.ids AS same FROM unnest('{name:1,name:-1,email:-1,user_metadata.size:1}'::text[]) sort,
  page('app_metadata.plan:free', sort, 100, 20, false) p, page('app_metadata.plan:free', sort, 100, 20, true) t;
-- With row security both ways see what the reader may see, and count no more.
SET client_min_messages = warning;
DROP ROLE IF EXISTS ud_pager;
CREATE ROLE ud_pager;
RESET client_min_messages;
SELECT userdir.grant_to('ud_pager', 'reader');
ALTER TABLE userdir.users ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON userdir.users TO ud_pager USING ((app_metadata ->> 'org')::integer < 100);
SET ROLE ud_pager;
SELECT p ->> 'total' AS total, (SELECT count(*) FROM userdir.users WHERE app_metadata ->> 'plan' = 'gold') AS counted
  FROM userdir.search_users('app_metadata.plan:gold', sort => 'created_at:-1', include_totals => true) p;
RESET ROLE;
DROP POLICY few ON userdir.users;
ALTER TABLE userdir.users DISABLE ROW LEVEL SECURITY;
SELECT userdir.revoke_from('ud_pager', 'reader');
DROP ROLE ud_pager;

-- A long search can be interrupted.
SET statement_timeout = '50ms';
SELECT userdir.search_users((SELECT 'name:*' || string_agg(format(' AND NOT name:*%sa*e*', i), '') FROM generate_series(1, 300) i), include_totals => true);
RESET statement_timeout;
