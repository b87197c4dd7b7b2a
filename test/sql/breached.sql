-- Breached passwords: lists of hashes, looking passwords up, what is done then
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
CREATE FUNCTION pg_temp.info() RETURNS jsonb LANGUAGE sql AS $$ SELECT userdir.breached_passwords_info() - '{bytes,loaded_at}'::text[] $$;
CREATE FUNCTION pg_temp.found(VARIADIC passwords text[]) RETURNS text[] LANGUAGE sql AS $$ SELECT array_agg(p ORDER BY n) FROM unnest(passwords) WITH ORDINALITY u (p, n) WHERE userdir._is_breached(p) $$;

-- Without a list: the passwords for tests, and those that everybody has.
SELECT pg_temp.info();
SELECT pg_temp.found('Paaf213XXYYZZ', 'Paat739!!WWXXYYZZ', 'AUTH0-TEST-', 'AUTH0-TEST-x y', 'paaf213xxyyzz', 'Paaf213XXYYZZ ', 'auth0-test-1', 'xAUTH0-TEST-1',
                     'password', 'PassWord', 'hello world 1', '', 'correct horse battery staple') AS found;
SELECT userdir._is_breached(NULL);

-- Lists: with and without counts, in either case, with either end of line, the same line twice.
SELECT userdir.add_breached_passwords(E'96E58C52E52B5F3BCB307D3309264D420B60403C:12\n42ad4ff8bdd0125e98eeaa23146d7899ee77577e\n96E58C52E52B5F3BCB307D3309264D420B60403C\n') AS added;
SELECT userdir.add_breached_passwords(E'935CA8755D0EB89076862EA55D0D1D8409F635DA:1\r\n42AD4FF8BDD0125E98EEAA23146D7899EE77577E:999\r\n\r\n') AS added;
SELECT pg_temp.found('hello world 1', 'hello world 2', 'hello world 3', 'hello world 4', 'Hello world 1', 'hello world 1 ') AS found;
SELECT pg_temp.info();
SELECT lines, added FROM userdir.breached_loads ORDER BY loaded_at;
SELECT userdir.add_breached_passwords(''), userdir.add_breached_passwords(E'\n\n'), userdir.add_breached_passwords(NULL);

-- As it was typed, or as it is normalized.
SELECT userdir.add_breached_passwords(E'3EF3D2731A416F2AFD263FF3EDA7481658A76BBA:1\nE5BCD9A4C34B0283C4E80097A6780017741C3ED5:1') AS added;
SELECT userdir._is_breached(U&'\FB01nger print') AS typed_with_a_ligature, userdir._is_breached('finger print') AS typed_without,
       userdir._is_breached('äpfel und birnen') AS composed, userdir._is_breached(U&'a\0308pfel und birnen') AS decomposed;

-- By COPY, and by INSERT.
SELECT userdir.clear_breached_passwords() AS cleared;
SELECT pg_temp.found('hello world 1', 'hello world 2', 'hello world 3', 'password') AS found, pg_temp.info();
COPY userdir.breached_password_lines FROM STDIN;
96E58C52E52B5F3BCB307D3309264D420B60403C:12

42AD4FF8BDD0125E98EEAA23146D7899EE77577E:3
\.
INSERT INTO userdir.breached_password_lines VALUES ('935CA8755D0EB89076862EA55D0D1D8409F635DA:1'), (NULL), (E'96E58C52E52B5F3BCB307D3309264D420B60403C:12\r');
INSERT INTO userdir.breached_password_lines SELECT 'x' WHERE false;
SELECT pg_temp.found('hello world 1', 'hello world 2', 'hello world 3') AS found, pg_temp.info();
SELECT lines, added FROM userdir.breached_loads ORDER BY loaded_at;
SELECT count(*) FROM userdir.breached_password_lines;
SELECT userdir.clear_breached_passwords() AS cleared;
COPY userdir.breached_password_lines FROM STDIN WHERE split_part(line, ':', 2)::integer > 10;
96E58C52E52B5F3BCB307D3309264D420B60403C:12
42AD4FF8BDD0125E98EEAA23146D7899EE77577E:3
\.
SELECT pg_temp.found('hello world 1', 'hello world 2', 'hello world 3') AS common_ones;

-- A malformed line: its number, nothing of it, and nothing of the list is there.
SELECT pg_temp.try($$SELECT userdir.add_breached_passwords(E'935CA8755D0EB89076862EA55D0D1D8409F635DA:1\n\nmy secret password\n')$$);
SELECT pg_temp.try(format('SELECT userdir.add_breached_passwords(%L)', line))
  FROM (VALUES (1, '935CA8755D0EB89076862EA55D0D1D8409F635D'), (2, '935CA8755D0EB89076862EA55D0D1D8409F635DA0'), (3, '935CA8755D0EB89076862EA55D0D1D8409F635DG'),
               (4, '935CA8755D0EB89076862EA55D0D1D8409F635DA:'), (5, '935CA8755D0EB89076862EA55D0D1D8409F635DA:x'), (6, ' 935CA8755D0EB89076862EA55D0D1D8409F635DA'),
               (7, '8846F7EAEE8FB117AD06BDD830B7586C:1'), (8, '935CA8755D0EB89076862EA55D0D1D8409F635DA 1'), (9, repeat('A', 100000))) c (n, line) ORDER BY n;
\set VERBOSITY terse
COPY userdir.breached_password_lines FROM STDIN;
935CA8755D0EB89076862EA55D0D1D8409F635DA:1
42AD4FF8BDD0125E98EEAA23146D7899EE77577E:3
935CA8755D0EB89076862EA55D0D1D8409F635DA;1
42AD4FF8BDD0125E98EEAA23146D7899EE77577E:3
\.
\set VERBOSITY default
SELECT pg_temp.found('hello world 1', 'hello world 2', 'hello world 3') AS found, pg_temp.info();

-- Rolled back, wholly or to a savepoint, it never was; the next one works.
BEGIN;
SELECT userdir.add_breached_passwords('935CA8755D0EB89076862EA55D0D1D8409F635DA') AS added;
SELECT pg_temp.found('hello world 3') AS found;
ROLLBACK;
BEGIN;
SAVEPOINT a;
SELECT userdir.add_breached_passwords('935CA8755D0EB89076862EA55D0D1D8409F635DA') AS added;
SELECT userdir.add_breached_passwords('x');
ROLLBACK TO a;
SELECT userdir.add_breached_passwords('42AD4FF8BDD0125E98EEAA23146D7899EE77577E') AS added;
COMMIT;
SELECT pg_temp.found('hello world 1', 'hello world 2', 'hello world 3') AS found, pg_temp.info();

-- A list in the midst of a list; steps out of their order; a load that a savepoint took away.
CREATE FUNCTION pg_temp.nested(line text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM userdir.add_breached_passwords(line); RETURN line; END $$;
SELECT pg_temp.try($$INSERT INTO userdir.breached_password_lines SELECT pg_temp.nested('935CA8755D0EB89076862EA55D0D1D8409F635DA')$$);
SELECT pg_temp.try('SELECT userdir._add_breached_lines(NULL)'), pg_temp.try('SELECT userdir._sort_breached_keys()'), pg_temp.try('SELECT userdir._next_breached_key()');
SELECT pg_temp.try('SELECT userdir._take_breached_block()'), pg_temp.try('SELECT userdir._end_breached_load()'), pg_temp.try('SELECT userdir._merge_breached_block(NULL, NULL, NULL)');
BEGIN;
SAVEPOINT a;
SELECT userdir._begin_breached_load();
ROLLBACK TO a;
SELECT pg_temp.try('SELECT userdir._add_breached_lines(NULL)');
SELECT userdir._begin_breached_load();
SELECT userdir._add_breached_lines('935CA8755D0EB89076862EA55D0D1D8409F635DA');
SELECT pg_temp.try('SELECT userdir._next_breached_key()');
SELECT userdir._sort_breached_keys();
SELECT pg_temp.try('SELECT userdir._end_breached_load()'), pg_temp.try('SELECT userdir._add_breached_lines(NULL)');
ROLLBACK;
SELECT pg_temp.try('SELECT userdir._sort_breached_keys()');

-- Many hashes: whatever the order, and in however many lists, the blocks hold exactly them.
CREATE TEMP TABLE list AS SELECT i, upper(md5(i::text) || left(md5((-i)::text), 8)) AS hash FROM generate_series(1, 10000) i;
INSERT INTO list SELECT 10000 + i, repeat(to_hex(i), 40) FROM generate_series(0, 15) i;
CREATE FUNCTION pg_temp.key_of(hash text) RETURNS bigint LANGUAGE sql AS $$ SELECT ('x' || left(hash, 16))::bit(64)::bigint # (-9223372036854775808) $$;
-- The keys of a block, read by SQL.
CREATE FUNCTION pg_temp.keys(first bigint, hashes bytea) RETURNS SETOF bigint LANGUAGE sql AS $$
  SELECT first UNION ALL
  SELECT (first::numeric + (SELECT sum(get_byte(hashes, 1 + n * get_byte(hashes, 0) + b)::numeric * 256::numeric ^ (get_byte(hashes, 0) - 1 - b))
                              FROM generate_series(0, get_byte(hashes, 0) - 1) b))::bigint
    FROM generate_series(0, (octet_length(hashes) - 1) / get_byte(hashes, 0) - 1) n $$;
CREATE FUNCTION pg_temp.compare(wanted text) RETURNS TABLE (expected bigint, stored bigint, missing bigint, too_many bigint, largest integer, out_of_order bigint) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format('WITH wanted AS (SELECT DISTINCT pg_temp.key_of(hash) AS key FROM list WHERE %s),
    stored AS (SELECT pg_temp.keys(b.first, b.hashes) AS key FROM userdir.breached_passwords b)
    SELECT (SELECT count(*) FROM wanted), (SELECT count(*) FROM stored),
           (SELECT count(*) FROM wanted w WHERE NOT EXISTS (SELECT FROM stored s WHERE s.key = w.key)),
           (SELECT count(*) FROM stored s WHERE NOT EXISTS (SELECT FROM wanted w WHERE s.key = w.key)),
           (SELECT max(octet_length(b.hashes)) FROM userdir.breached_passwords b),
           (SELECT count(*) FROM (SELECT b.first, lead(b.first) OVER (ORDER BY b.first) AS beyond, (SELECT max(k) FROM pg_temp.keys(b.first, b.hashes) k) AS last
                                    FROM userdir.breached_passwords b) o WHERE o.last >= o.beyond)', wanted);
END $$;
SELECT userdir.clear_breached_passwords() AS cleared;
SELECT userdir.add_breached_passwords(string_agg(hash || ':1', E'\n' ORDER BY i)) AS added FROM list WHERE i % 2 = 0;
SELECT * FROM pg_temp.compare('i % 2 = 0');
-- The same again writes nothing.
SELECT xmin AS before, count(*) AS blocks FROM userdir.breached_passwords GROUP BY xmin \gset
SELECT userdir.add_breached_passwords(string_agg(hash, E'\n' ORDER BY hash DESC)) AS added FROM list WHERE i % 2 = 0;
SELECT count(*) = :blocks AS as_they_were FROM userdir.breached_passwords WHERE xmin = :'before';
-- Others fall between them, below and above.
SELECT userdir.add_breached_passwords(string_agg(hash, E'\r\n' ORDER BY hash)) AS added FROM list WHERE i % 3 = 0;
SELECT * FROM pg_temp.compare('i % 2 = 0 OR i % 3 = 0');
-- In small lists.
SELECT sum(added) AS added FROM (SELECT userdir.add_breached_passwords(string_agg(hash, E'\n')) AS added FROM list WHERE i % 5 = 0 GROUP BY i / 1000) s;
SELECT userdir.add_breached_passwords(string_agg(hash, E'\n')) AS added FROM list;
SELECT * FROM pg_temp.compare('true');
SELECT pg_temp.info() ->> 'hashes' AS hashes, sum((octet_length(hashes) - 1) / get_byte(hashes, 0) + 1) AS stored FROM userdir.breached_passwords;
-- In a sort that needs the disk.
SELECT userdir.clear_breached_passwords() AS cleared;
SET maintenance_work_mem = '1MB';
SELECT userdir.add_breached_passwords(string_agg(hash, E'\n')) AS added FROM (SELECT hash FROM list, generate_series(1, 10) ORDER BY md5(hash)) l;
RESET maintenance_work_mem;
SELECT * FROM pg_temp.compare('true');

-- A look-up reads one row by the index, and no plan shows by which key.
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT userdir._breached_block_has(b.first, b.hashes, 'hello world 1', false) FROM userdir.breached_passwords b
  WHERE b.first <= userdir._breach_key('hello world 1', false) ORDER BY b.first DESC LIMIT 1;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- A damaged row is reported and not believed.
BEGIN;
UPDATE userdir.breached_passwords SET hashes = '\x00';
SELECT pg_temp.try($$SELECT userdir._is_breached('hello world 1')$$);
SELECT pg_temp.try($$SELECT userdir.add_breached_passwords('96E58C52E52B5F3BCB307D3309264D420B60403C')$$);
UPDATE userdir.breached_passwords SET hashes = '\x020001000100';
SELECT pg_temp.try($$SELECT userdir._is_breached('hello world 1')$$);
UPDATE userdir.breached_passwords SET hashes = '\x0105040302';
SELECT pg_temp.try($$SELECT userdir.add_breached_passwords('96E58C52E52B5F3BCB307D3309264D420B60403C')$$);
ROLLBACK;

-- What is done then: nothing at first.
SELECT userdir.get_attack_protection('breached-password-detection');
SELECT * FROM userdir._meet_breached_password('login', 'AUTH0-TEST-1');
SELECT userdir.update_attack_protection('breached-password-detection', '{"enabled": true}');
SELECT * FROM userdir._meet_breached_password('login', 'AUTH0-TEST-1');
SELECT userdir.update_attack_protection('breached-password-detection', '{"shields": ["block", "user_notification"], "admin_notification_frequency": ["daily"], "stage": {"pre-user-registration": {"shields": ["block"]}}}');
SELECT userdir.update_attack_protection('breached-password-detection', '{"stage": {"pre-change-password": {"shields": ["admin_notification"]}}}');
SELECT userdir.get_attack_protection('breached-password-detection');
SELECT stage, password, m.* FROM unnest('{login,pre-user-registration,pre-change-password,other}'::text[]) stage, unnest('{AUTH0-TEST-1,not a known one}'::text[]) password, userdir._meet_breached_password(stage, password) m ORDER BY stage, password;
SELECT * FROM userdir._meet_breached_password('login', NULL);
SELECT userdir.update_attack_protection('breached-password-detection', '{}') = userdir.get_attack_protection('breached-password-detection') AS unchanged;
SELECT changes, pg_temp.try(format('SELECT userdir.update_attack_protection(''breached-password-detection'', %L)', changes)) AS verdict
  FROM (VALUES (1, '[]'), (2, 'null'), (3, '{"enable": true}'), (4, '{"enabled": "yes"}'), (5, '{"enabled": null}'), (6, '{"shields": "block"}'), (7, '{"shields": ["blok"]}'), (8, '{"shields": [["block"]]}'),
               (9, '{"method": "best"}'), (10, '{"stage": []}'), (11, '{"stage": null}'), (12, '{"stage": {"pre-login": {}}}'), (13, '{"stage": {"pre-change-password": {"shields": ["user_notification"]}}}'),
               (14, '{"stage": {"pre-change-password": {}}}'), (15, '{"stage": {"pre-change-password": ["block"]}}'), (16, '{"admin_notification_frequency": ["hourly"]}'), (17, '{"method": "enhanced"}'), (18, '{"stage": {"pre-change-password": {"shields": null}}}'), (19, '{"stage": {"pre-change-password": {"shield": []}}}'), (20, '{"method": ["standard"]}'), (21, '{"allowlist": []}')) c (n, changes) ORDER BY n;
SELECT pg_temp.try($$SELECT userdir.update_attack_protection('breached-password-detection', NULL)$$);

-- A policy has the rule where a breached password is refused: by stage, and always by nist.
SELECT userdir.create_connection('people', 'auth0') ->> 'name' AS name, userdir.create_connection('strict', 'auth0', '{"passwordPolicy": "nist"}') ->> 'name' AS strict;
SELECT userdir.create_user('people', '{"user_id": "1", "email": "ann@example.com"}') ->> 'user_id' AS user_id;
CREATE FUNCTION pg_temp.breach_rule(connection text, profile jsonb, password text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT r - 'message' FROM jsonb_array_elements(userdir.check_password_policy(connection, profile, password) -> 'rules') r WHERE r ->> 'code' = 'breached' $$;
SELECT pg_temp.breach_rule('people', '{}', 'AUTH0-TEST-1') AS sign_up, pg_temp.breach_rule('people', '{}', 'not a known one') AS good,
       pg_temp.breach_rule('people', '{"user_id": "auth0|1"}', 'AUTH0-TEST-1') AS change, pg_temp.breach_rule('strict', '{}', 'AUTH0-TEST-1') AS strict;
SELECT userdir.update_attack_protection('breached-password-detection', '{"stage": {"pre-user-registration": {"shields": []}, "pre-change-password": {"shields": ["block"]}}}') ->> 'enabled' AS enabled;
SELECT pg_temp.breach_rule('people', '{}', 'AUTH0-TEST-1') AS sign_up, pg_temp.breach_rule('people', '{"user_id": "auth0|1"}', 'AUTH0-TEST-1') AS change;
SELECT userdir.update_attack_protection('breached-password-detection', '{"enabled": false}') ->> 'enabled' AS enabled;
SELECT pg_temp.breach_rule('people', '{"user_id": "auth0|1"}', 'AUTH0-TEST-1') AS change, pg_temp.breach_rule('strict', '{}', 'AUTH0-TEST-1') AS strict;

-- Lists and settings outlive the extension.
SELECT userdir.add_breached_passwords('96E58C52E52B5F3BCB307D3309264D420B60403C') AS added;
SET client_min_messages = warning;
DROP EXTENSION userdir CASCADE;
SELECT count(*) AS loads FROM userdir.breached_loads;
CREATE EXTENSION userdir;
DO $$ BEGIN PERFORM userdir.install(); END $$;
RESET client_min_messages;
SELECT pg_temp.found('hello world 1', 'hello world 2') AS found, pg_temp.info(), userdir.get_attack_protection('breached-password-detection') -> 'shields' AS shields;
INSERT INTO userdir.breached_password_lines VALUES ('42AD4FF8BDD0125E98EEAA23146D7899EE77577E');
SELECT pg_temp.found('hello world 1', 'hello world 2') AS found;

-- Lists are the owner's; administrators see and set what is done.
CREATE ROLE regress_breached_admin;
CREATE ROLE regress_breached_login;
SELECT userdir.grant_to('regress_breached_admin', 'admin'), userdir.grant_to('regress_breached_login', 'login');
SET ROLE regress_breached_admin;
SELECT pg_temp.try($$SELECT userdir.add_breached_passwords('96E58C52E52B5F3BCB307D3309264D420B60403C')$$);
SELECT pg_temp.try($$INSERT INTO userdir.breached_password_lines VALUES ('96E58C52E52B5F3BCB307D3309264D420B60403C')$$);
SELECT pg_temp.try('SELECT userdir.clear_breached_passwords()'), pg_temp.try('SELECT count(*) FROM userdir.breached_passwords');
SELECT pg_temp.try('SELECT userdir.breached_passwords_info()'), pg_temp.try($$SELECT userdir.update_attack_protection('breached-password-detection', '{"enabled": true}')$$);
SELECT userdir.check_password_policy('strict', '{}', 'AUTH0-TEST-1') -> 'verified' AS verified;
SET ROLE regress_breached_login;
SELECT userdir.check_password_policy('strict', '{}', 'AUTH0-TEST-1') -> 'verified' AS verified;
SELECT pg_temp.try($$SELECT userdir.get_attack_protection('breached-password-detection')$$), pg_temp.try($$SELECT userdir._is_breached('x')$$);
RESET ROLE;
DROP OWNED BY regress_breached_admin, regress_breached_login;
DROP ROLE regress_breached_admin, regress_breached_login;
