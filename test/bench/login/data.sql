-- Fills a fresh directory with users of a database connection who all have the same password, and
-- counters of failed logins of others. The same count gives the same users.
--
-- usage: psql -v count=100000 -f test/bench/login/data.sql
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SELECT userdir.create_connection('customers', 'auth0') IS NOT NULL AS created \g /dev/null
SELECT userdir.create_connection('staff' || n, 'auth0') IS NOT NULL FROM generate_series(1, 9) n \g /dev/null
SELECT userdir._hash_password('Paper-Boat-1843') AS hash \gset

-- Rows of people as create_user() would write them, but without asking for each.
SET session_replication_role = replica;
CREATE TEMP TABLE people AS
SELECT 'auth0|' || md5(n::text) AS user_id, md5(n::text) AS id, 'user' || n || '@mail.example' AS email, 'user' || n AS nickname,
       timestamptz '2024-01-01 00:00:00Z' + n * interval '7 minutes' AS created_at
  FROM generate_series(1, :count) n;
INSERT INTO userdir.users (user_id, email, email_verified, name, nickname, picture, identities, user_metadata, app_metadata, created_at, updated_at)
SELECT user_id, email, true, nickname, nickname, 'https://pictures.example/' || nickname || '.png',
       jsonb_build_array(jsonb_build_object('connection', 'customers', 'provider', 'auth0', 'user_id', id, 'isSocial', false)),
       '{"lang": "en", "ui": {"theme": "dark"}}', jsonb_build_object('plan', 'gold', 'customer', 'cus_' || id), created_at, created_at
  FROM people;
INSERT INTO userdir.identities (user_id, provider, provider_user_id, connection, is_primary, is_social)
SELECT user_id, 'auth0', id, 'customers', true, false FROM people;
INSERT INTO userdir.identifiers (value, kind, connection, user_id, provider, provider_user_id)
SELECT user_id, 'identity', '', user_id, 'auth0', id FROM people
UNION ALL SELECT email, 'email', 'customers', user_id, 'auth0', id FROM people;
INSERT INTO userdir.credentials (user_id, provider, provider_user_id, hash)
SELECT user_id, 'auth0', id, :'hash' FROM people;
INSERT INTO userdir.user_logins (user_id, last_login, last_ip, logins_count)
SELECT user_id, created_at, '192.0.2.1', 1 FROM people;
INSERT INTO userdir.login_attempts (who, kind, address, level, counted_at, expires_at)
SELECT substr(sha256(convert_to('somebody else ' || n, 'UTF8')), 1, 16), 'identifier_ip', '198.51.100.1', 3, now(), now() + interval '30 days'
  FROM generate_series(1, :count / 10) n;
RESET session_replication_role;

VACUUM (ANALYZE) userdir.users, userdir.identities, userdir.identifiers, userdir.credentials, userdir.user_logins, userdir.login_attempts,
  userdir.connections, userdir.attack_protection;
