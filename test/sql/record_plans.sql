-- row @@ query on a large table of users: every class of queries has an index, and the planner knows what to expect
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SET search_path = public, userdir;
SET max_parallel_workers_per_gather = 0;

-- Remainders by numbers without a common divisor make columns that are independent of each other.
CREATE TABLE members (LIKE userdir.users);
INSERT INTO members (user_id, email, email_verified, username, phone_number, name, given_name, family_name, nickname, blocked, identities, user_metadata, app_metadata, created_at, updated_at)
SELECT 'auth0|' || md5(i::text), initcap(given) || '.' || family || (i % 997) || '@' || CASE WHEN i % 5 < 2 THEN 'mail.test' ELSE 'company' || (i % 401) || '.test' END, i % 10 > 0, CASE WHEN i % 3 = 0 THEN 'user' || i END,
       CASE WHEN i % 7 = 0 THEN '+4670' || i END, initcap(given) || ' ' || initcap(family), initcap(given), initcap(family), given || i % 97, CASE WHEN i % 50 = 0 THEN true END,
       jsonb_build_array(jsonb_build_object('connection', 'c' || i % 11, 'provider', 'auth0', 'isSocial', i % 2 = 0)),
       jsonb_build_object('lang', CASE i % 20 WHEN 0 THEN 'pl' ELSE 'en' END, 'places', jsonb_build_array(jsonb_build_object('city', 'city' || i % 307), jsonb_build_object('city', 'town' || i % 13)))
         || CASE WHEN i % 503 = 0 THEN '{"vat": "SE1"}' ELSE '{}'::jsonb END,
       jsonb_build_object('plan', CASE WHEN i % 10 < 3 THEN 'gold' ELSE 'free' END, 'org', 'org_' || i % 409, 'quota', i * 7919 % 20011, 'since', date '2015-01-01' + i % 3001),
       timestamptz '2020-01-01Z' + i * interval '17 minutes', timestamptz '2020-01-01Z' + i * interval '17 minutes'
  FROM (SELECT i, 'g' || chr(97 + i % 23) || 'n' || i % 59 AS given, 'f' || chr(97 + i % 19) || 'm' || i % 83 AS family FROM generate_series(1, 20000) i) g;
-- What storage makes for full service.
ALTER TABLE members ADD PRIMARY KEY (user_id);
CREATE INDEX email ON members ((fold_case(email)) COLLATE "C");
CREATE INDEX email_reversed ON members ((reverse(fold_case(email))) COLLATE "C");
CREATE INDEX name ON members ((fold_case(name)) COLLATE "C");
CREATE INDEX given_name ON members ((fold_case(given_name)) COLLATE "C");
CREATE INDEX family_name ON members ((fold_case(family_name)) COLLATE "C");
CREATE INDEX nickname ON members ((fold_case(nickname)) COLLATE "C");
CREATE INDEX username ON members (username COLLATE "C") WHERE username IS NOT NULL;
CREATE INDEX phone_number ON members (phone_number COLLATE "C") WHERE phone_number IS NOT NULL;
CREATE INDEX created_at ON members (created_at, user_id);
CREATE INDEX updated_at ON members (updated_at);
CREATE INDEX blocked ON members (user_id) WHERE blocked;
CREATE INDEX patterns ON members USING gin (fold_case(email) text_wildcard_ops, fold_case(name) text_wildcard_ops, fold_case(nickname) text_wildcard_ops);
CREATE INDEX identities ON members USING gin (identities jsonb_query_ops);
CREATE INDEX user_metadata ON members USING gin (user_metadata jsonb_query_ops);
CREATE INDEX app_metadata ON members USING gin (app_metadata jsonb_query_ops);
VACUUM ANALYZE members;

CREATE FUNCTION plan(query text, rest text DEFAULT '') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  result json;
BEGIN
  EXECUTE format('EXPLAIN (FORMAT JSON) SELECT user_id FROM members m WHERE m @@ %L %s', query, rest) INTO result;
  RETURN result::jsonb #> '{0,Plan}';
END $$;
CREATE FUNCTION indexes(plan jsonb) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(DISTINCT name #>> '{}', ', ') FROM jsonb_path_query(plan, 'strict $.**."Index Name"') name $$;
CREATE FUNCTION actual(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  result bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM members m WHERE _record_matches(m, %L)', query) INTO result;
  RETURN result;
END $$;

CREATE TABLE classes (n integer GENERATED ALWAYS AS IDENTITY, class text, query text);
INSERT INTO classes (class, query) VALUES
  ('user_id', (SELECT format('user_id:"%s"', user_id) FROM members ORDER BY created_at LIMIT 1)), ('user_id prefix', 'user_id:auth0|c4c*'),
  ('email', 'email:GBN1.fbm1@company1.test'), ('email', (SELECT format('email:"%s"', upper(email)) FROM members ORDER BY created_at OFFSET 7 LIMIT 1)), ('email prefix', 'email:gbn1.fbm1*'), ('email suffix', 'email:*9@company77.test'), ('email infix', 'email:*n5.fcm*'),
  ('email middle', 'email:gan*company77.test'), ('email range', 'email:[gbn2 TO gbn3}'), ('domain', 'email.domain:company77.test'), ('domain suffix', 'email.domain:*77.test'), ('domain pattern', 'email.domain:c*y77.test'),
  ('one of many', 'email:(a@b.test OR c@d.test OR e@f.test OR g@h.test)'), ('domains', 'email.domain:(company7.test OR company8.test)'),
  ('name', 'name:"GAN6 faM3"'), ('name prefix', 'name:gan6\ f*'), ('name infix', 'name:*n46\ fbm*'), ('given name', 'given_name:gan46'), ('family name prefix', 'family_name:fbm1*'), ('nickname', 'nickname:gan4696'), ('nickname infix', 'nickname:*n469*'),
  ('user name', 'username:user300'), ('user name prefix', 'username:user300*'), ('phone number', 'phone_number:"+46707"'), ('created', 'created_at:2020-03-05'), ('created range', 'created_at:[2020-03-05 TO 2020-03-09}'), ('updated', 'updated_at:>=2020-08-23'),
  ('blocked', 'blocked:true'), ('identities', 'identities.connection:c7 AND app_metadata.org:org_7'), ('metadata', 'app_metadata.org:org_77'), ('metadata prefix', 'app_metadata.org:org_77*'), ('metadata infix', 'app_metadata.org:*_77'), ('metadata number', 'app_metadata.quota:77'),
  ('metadata range', 'app_metadata.quota:[77 TO 99]'), ('metadata dates', 'app_metadata.since:2020-03'), ('metadata exists', '_exists_:user_metadata.vat'), ('nested arrays', 'user_metadata.places.city:city77'), ('metadata of both', 'user_metadata.lang:pl AND app_metadata.org:org_7'),
  ('bare', 'gan4696'), ('bare prefix', 'gan46*'), ('alternatives', 'username:user300 OR email:gbn1.fbm1* OR app_metadata.org:org_7 OR name:*n46\ fbm*'), ('excluding', 'app_metadata.org:org_7 AND NOT blocked:true AND NOT email:*@mail.test'),
  ('five', 'email.domain:mail.test AND app_metadata.plan:gold AND user_metadata.lang:en AND NOT blocked:true AND name:ga*'), ('broad beside selective', 'app_metadata.plan:free AND user_metadata.vat:SE1');
-- By the planner's own choice. An estimate is right within a factor of three, or where it is about few rows.
SELECT class, query, indexes(plan(query)), greatest(rows, 70) BETWEEN greatest(actual, 70) / 3 AND greatest(actual, 70) * 3 AS estimate, CASE WHEN greatest(rows, 70) NOT BETWEEN greatest(actual, 70) / 3 AND greatest(actual, 70) * 3 THEN rows || ', ' || actual END AS wrong
  FROM classes, LATERAL (SELECT (plan(query) -> 'Plan Rows')::bigint AS rows, actual(query) AS actual) e ORDER BY n;
-- The first page, newest first: an order or a few rows, never the whole table.
SELECT class, indexes(plan(query, 'ORDER BY created_at DESC, user_id DESC LIMIT 50')), plan(query, 'ORDER BY created_at DESC, user_id DESC LIMIT 50')::text ~ 'Seq Scan' AS reads_all FROM classes ORDER BY n;
SELECT query, indexes(plan(query, 'ORDER BY created_at, user_id LIMIT 50')) FROM unnest(ARRAY['app_metadata.plan:gold', 'NOT blocked:true', 'user_metadata.lang:pl', 'email:*', 'email_verified:true AND email:*a*']) query;

-- The shape follows the indexes that are there. Fewer of them: patterns serve what trees did.
DROP INDEX email_reversed, given_name, family_name, nickname;
SELECT query, indexes(plan(query)) FROM unnest(ARRAY['email:*9@company77.test', 'email.domain:company77.test', 'email.domain:*77.test', 'nickname:gan4696', 'nickname:gan469*', 'email:gbn1.fbm1*', 'email:GBN1.fbm1@company1.test']) query;
DROP INDEX patterns;
SELECT query, indexes(plan(query)) FROM unnest(ARRAY['email:gbn1*company77.test', 'email:*9@company77.test', 'email.domain:company77.test', 'nickname:gan4696']) query;
SELECT jsonb_path_query_array(plan('email:gbn1.f*company77.test'), 'strict $.**.Filter') AS filter;
-- Many alternatives are asked of an index, not evaluated on every row; so are those that are too many to be conditions of their own, by a part of each.
CREATE TABLE many AS
SELECT 'keys' AS what, 'app_metadata.org:org_7 OR ' || string_agg('app_metadata.k' || i || ':v', ' OR ') AS query FROM generate_series(1, 1000) i
UNION ALL SELECT 'pairs', string_agg(format('(email:none%s AND NOT name:x)', i), ' ') || ' (name:' || (SELECT replace(min(name), ' ', E'\\ ') FROM members) || ' AND email:*)' FROM generate_series(1, 600) i
UNION ALL SELECT 'mixed pairs', string_agg(CASE WHEN i % 2 = 0 THEN format('(email:none%s AND name:*x*)', i) ELSE format('(app_metadata.org:org_%s AND NOT name:x)', i) END, ' ') FROM generate_series(1, 600) i
UNION ALL SELECT 'pairs and more', 'email_verified:true AND (' || string_agg(format('(app_metadata.org:org_%s AND email_verified:true AND NOT name:x)', i), ' ') || ')' FROM generate_series(1, 600) i;
ALTER TABLE many ALTER query TYPE userquery USING query::userquery;
CREATE FUNCTION found(query userquery) RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE n bigint; BEGIN EXECUTE format('SELECT count(*) FROM members m WHERE m @@ %L', query) INTO n; RETURN n; END $$;
SELECT what, indexes(plan(query::text)) AS indexes, found(query), found(query) = actual(query::text) AS same_in_memory FROM many;

-- Ordinary indexes of an application serve equality, whatever the collation, if it tells all texts apart.
CREATE TABLE articles (id integer PRIMARY KEY, title text COLLATE "POSIX" NOT NULL, slug varchar(60), code uuid, state text);
INSERT INTO articles SELECT i, 'Title ' || i, 'slug-' || i, md5(i::text)::uuid, CASE WHEN i % 1000 = 0 THEN 'draft' ELSE 'done' END FROM generate_series(1, 20000) i;
CREATE INDEX articles_title ON articles (title);
CREATE UNIQUE INDEX articles_slug ON articles USING btree (slug);
CREATE INDEX articles_code ON articles (code);
CREATE INDEX articles_state ON articles USING hash (state);
VACUUM ANALYZE articles;
CREATE FUNCTION article_plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE format('EXPLAIN (COSTS OFF) SELECT id FROM articles a WHERE a @@ %L', query); END $$;
SELECT article_plan('title:"Title 7"');
SELECT article_plan('slug:(slug-7 OR slug-8)');
SELECT article_plan('state:draft AND title:t*');
SELECT article_plan('code:8f14e45f-ceea-167a-5a36-dedd4bea2543 OR id:[100 TO 102]');
