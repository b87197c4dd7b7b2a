-- Bringing in the password hashes of other systems, user by user
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
-- Hashes as cheap as they may be: these tests make many.
SET userdir.password_memory = '7MB';
\pset format unaligned
SELECT userdir.create_connection('shop', 'auth0', '{"passwordPolicy": "excellent", "password_history": {"enable": true, "size": 2}}') ->> 'name' AS name
UNION ALL SELECT userdir.create_connection('club', 'auth0') ->> 'name' UNION ALL SELECT userdir.create_connection('github', 'github') ->> 'name';
SELECT userdir.create_user('shop', jsonb_build_object('email', n || '@example.com', 'user_id', n)) ->> 'user_id' AS user_id FROM unnest('{ann,ben,cid,dee,eve}'::text[]) n;
SELECT userdir.upsert_from_connection('github', '{"id": 7, "login": "octo"}') ->> 'user_id' AS user_id;
CREATE FUNCTION pg_temp.scheme(u text) RETURNS text LANGUAGE sql AS $$ SELECT userdir.password_hash_info(hash) ->> 'scheme' FROM userdir.credentials WHERE user_id = u $$;

-- From columns: texts that say of which kind they are, and objects. All are hashes of "password", which no policy would take.
CREATE TABLE old_users (email text, hash text, object jsonb);
INSERT INTO old_users VALUES ('ann@example.com', '$pbkdf2-sha256$i=1000,l=32$c2FsdHNhbHQ$E196ZhRPzw+wA84EjzHwJO1cv/MFJdO6C/sxmUeTYqY', NULL), ('ben@example.com', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', NULL), ('cid@example.com', NULL, '{"algorithm": "md5", "hash": {"value": "5f4dcc3b5aa765d61d8327deb882cf99", "encoding": "hex"}}');
SELECT u.user_id, userdir.set_password_hash(u.user_id, o.hash) FROM old_users o JOIN userdir.users u USING (email) WHERE o.hash IS NOT NULL ORDER BY 1;
SELECT u.user_id, userdir.set_password_hash(u.user_id, o.object) FROM old_users o JOIN userdir.users u USING (email) WHERE o.object IS NOT NULL;
-- Literals without a type: a text, and an object, which is a text to the server.
SELECT userdir.set_password_hash('auth0|dee', '$digest-sha1$$W6ph5Mm5Pz8GgiULbPgzG37mj9g'), userdir.set_password_hash('auth0|eve', E' \n{ "algorithm": "sha1", "hash": {"value": "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", "encoding": "hex"}}', connection => 'shop');
SELECT user_id, pg_temp.scheme(user_id) AS scheme, set_at > now() - interval '1 minute' AS just_set FROM userdir.credentials ORDER BY 1;
SELECT type, user_id, user_name, connection, description, details FROM userdir.logs ORDER BY user_id;
SELECT user_id FROM userdir.user_logins WHERE last_password_reset IS NOT NULL;
-- The password is right, another is not; the first login leaves argon2id, and the statistics say so.
SELECT n, (SELECT outcome FROM userdir.login('shop', n || '@example.com', 'Password')) AS wrong, (SELECT outcome FROM userdir.login('shop', n || '@example.com', 'password')) AS "right", pg_temp.scheme('auth0|' || n) AS scheme
  FROM unnest('{ann,ben,cid,dee}'::text[]) n;
-- Weak ones can be wrapped before that.
SELECT userdir.wrap_weak_hashes(), pg_temp.scheme('auth0|eve') AS scheme;
SELECT outcome FROM userdir.login('shop', 'eve@example.com', 'password');

-- Again: it replaces, is a change of the password, and counts in the history.
SELECT userdir.set_password_hash('auth0|ann', '{"algorithm": "md5", "hash": {"value": "5f4dcc3b5aa765d61d8327deb882cf99", "encoding": "hex"}}'::jsonb);
SELECT count(*) FROM userdir.credentials WHERE user_id = 'auth0|ann';
SELECT user_id FROM userdir.user_logins WHERE last_password_reset IS NOT NULL;
SELECT pg_temp.try($$SELECT userdir.set_password('auth0|ann', 'password')$$) ~ 'PasswordStrengthError' AS too_weak, userdir.check_password_policy('shop', '{"user_id": "auth0|ann"}', 'password') @> '{"rules": [{"code": "history", "verified": false}]}' AS in_history;
-- The same once more changes nothing but the time.
SELECT userdir.set_password_hash('auth0|ann', '{"algorithm": "md5", "hash": {"value": "5f4dcc3b5aa765d61d8327deb882cf99", "encoding": "hex"}}'::jsonb);
SELECT pg_temp.scheme('auth0|ann') AS scheme;
-- Failed logins are forgotten, tickets void; a block stays.
SELECT count(*) FROM generate_series(1, 10) n, LATERAL userdir.login('shop', 'ann@example.com', 'guess ' || n, context => '{"ip": "192.0.2.7"}');
SELECT userdir.create_password_change_ticket('auth0|ann') AS ticket \gset
SELECT userdir.update_user('auth0|ann', '{"blocked": true}') -> 'blocked' AS blocked;
SELECT userdir.set_password_hash('auth0|ann', '{MD5}X03MO1qnZdYdgyfeuILPmQ==');
SELECT userdir.user_blocks_by_id('auth0|ann') AS blocks;
SELECT outcome FROM userdir.reset_password(:'ticket', 'Paper-Boat-1843');
SELECT outcome FROM userdir.login('shop', 'ann@example.com', 'password', context => '{"ip": "192.0.2.7"}');
SELECT userdir.update_user('auth0|ann', '{"blocked": false}') -> 'blocked' AS blocked;
-- Of an identity that is linked, by its connection.
SELECT userdir.create_user('club', '{"email": "ann@example.com", "user_id": "ann-at-club"}') ->> 'user_id' AS user_id;
BEGIN;
UPDATE userdir.identifiers SET user_id = 'auth0|ben' WHERE user_id = 'auth0|ann-at-club';
UPDATE userdir.identities SET user_id = 'auth0|ben', is_primary = false, profile_data = '{"email": "ann@example.com"}' WHERE user_id = 'auth0|ann-at-club';
SELECT userdir.set_password_hash('auth0|ben', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'club');
SELECT user_id, provider_user_id, userdir.password_hash_info(hash) ->> 'scheme' AS scheme FROM userdir.credentials WHERE user_id = 'auth0|ben' ORDER BY 2;
SELECT outcome, user_id FROM userdir.login('club', 'ann@example.com', 'password');
ROLLBACK;

-- What is refused, before anything is stored. No message holds the hash.
SELECT c.hash AS before, c.set_at AS set_before FROM userdir.credentials c WHERE user_id = 'auth0|ann' \gset
SELECT left(hash, 40) AS hash, pg_temp.try(format('SELECT userdir.set_password_hash(%L, %L::text)', 'auth0|ann', hash)) FROM (VALUES
  (NULL), (''), ('secret-of-ann'), ('$'), ('$1$'), ('{'), ('{}'), ('{SHA}'), ('{UNKNOWN}abc'), ('{CRYPT}abXyz0123456789'), ('$2b$31$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K'), ('$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$IVnG5mmYDoOGAyahoMisifej9MVOWjSqT957pZjD3pI'),
  ('{"algorithm": "md5"}'), ('{"algorithm": "md5", "hash": {"value": "secret-of-ann", "encoding": "hex"}}'), ('{"algorithm": "md5", "hash": {"value": "secret-of-ann'), ('{"algorithm": "rot13", "hash": {"value": "x"}}'), ('{"a": "\u0000"}'),
  (repeat('x', 1000000)), ('{SHA}' || repeat('A', 1000000)), ('{"' || repeat('A', 1000000) || '": 1}'), ('{"a":' || repeat('[', 100000)), (repeat(' ', 1000000) || '{"')) h (hash);
SELECT left(hash::text, 40) AS hash, pg_temp.try(format('SELECT userdir.set_password_hash(%L, %L::jsonb)', 'auth0|ann', hash)) FROM (VALUES
  (NULL::jsonb), ('null'), ('"$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K"'), ('[]'), ('{}'), ('7'), ('{"algorithm": "bcrypt", "hash": {"value": "secret-of-ann"}}'), (jsonb_build_object('algorithm', 'md5', 'hash', jsonb_build_object('value', repeat('0', 1000000), 'encoding', 'hex')))) h (hash);
SELECT pg_temp.try(s) FROM unnest(ARRAY[
  $$SELECT userdir.set_password_hash('auth0|nobody', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=')$$, $$SELECT userdir.set_password_hash(NULL, '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=')$$, $$SELECT userdir.set_password_hash('github|7', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=')$$,
  $$SELECT userdir.set_password_hash('auth0|ann', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'club')$$, $$SELECT userdir.set_password_hash('auth0|ann', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'nowhere')$$]) s;
SELECT hash = :'before' AS kept, set_at = :'set_before' AS untouched FROM userdir.credentials WHERE user_id = 'auth0|ann';
-- Where strings have backslashes in them, and in a transaction that goes on after an error.
BEGIN;
SET LOCAL standard_conforming_strings = off;
SELECT pg_temp.try($$SELECT userdir.set_password_hash('auth0|ann', '{"algorithm": "md5", "hash": 7}')$$);
SELECT userdir.set_password_hash('auth0|ann', '{"algorithm": "md5", "hash": {"value": "5f4dcc3b5aa765d61d8327deb882cf99", "encoding": "hex"}}');
SELECT userdir.set_password_hash('auth0|ann', '$1$el6XKP7d$EJTEJ5hPRZH/sbmwPjmJE/');
COMMIT;
SELECT pg_temp.scheme('auth0|ann') AS scheme;

-- Editors may, who log users in may not.
SET client_min_messages = warning;
DROP ROLE IF EXISTS ud_import_editor, ud_import_login;
CREATE ROLE ud_import_editor;
CREATE ROLE ud_import_login;
RESET client_min_messages;
SELECT userdir.grant_to('ud_import_editor', 'editor'), userdir.grant_to('ud_import_login', 'login');
SET ROLE ud_import_login;
SELECT pg_temp.try($$SELECT userdir.set_password_hash('auth0|ann', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=')$$), pg_temp.try($$SELECT userdir.set_password_hash('auth0|ann', '{}'::jsonb)$$);
SET ROLE ud_import_editor;
SELECT pg_temp.try($$SELECT userdir.set_password_hash('auth0|ann', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=')$$), pg_temp.try($$SELECT userdir._set_stored_hash('auth0|ann', 'x', NULL)$$);
RESET ROLE;
SELECT userdir.revoke_from('ud_import_editor', 'editor'), userdir.revoke_from('ud_import_login', 'login');
DROP ROLE ud_import_editor, ud_import_login;
DROP TABLE old_users;
