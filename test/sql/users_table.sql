-- The table itself: what SQL may do to it directly, and how applications build on it
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SELECT userdir.create_connection('users', 'auth0') ->> 'name' AS name;

-- A user and a row of the application in one transaction.
CREATE TABLE orders (id integer PRIMARY KEY, user_id text NOT NULL REFERENCES userdir.users ON DELETE CASCADE, total numeric);
BEGIN;
SELECT userdir.create_user('users', '{"email": "ann@example.com", "user_id": "ann"}') ->> 'user_id' AS user_id \gset
INSERT INTO orders VALUES (1, :'user_id', 9.99);
COMMIT;
BEGIN;
SELECT userdir.create_user('users', '{"email": "bob@example.com", "user_id": "bob"}') ->> 'user_id' AS user_id \gset
INSERT INTO orders VALUES (2, :'user_id', 5);
ROLLBACK;
SELECT o.id, p.email, o.total FROM orders o JOIN userdir.profiles p USING (user_id);
SELECT userdir.get_user('auth0|bob') AS bob, (SELECT count(*) FROM userdir.identifiers WHERE value = 'bob@example.com') AS identifiers;
SELECT userdir.delete_user('auth0|ann') AS deleted, (SELECT count(*) FROM orders) AS orders_before_commit;
SELECT count(*) AS orders FROM orders;

-- Plain UPDATE: profile and metadata may change, and stay valid.
SELECT userdir.create_user('users', '{"email": "cyd@example.com", "user_id": "cyd"}') ->> 'user_id' AS user_id;
SELECT updated_at AS before FROM userdir.users \gset
SELECT pg_sleep(0.01) IS NULL AS slept;
UPDATE userdir.users SET name = 'Cyd', nickname = 'c', user_metadata = '{"a": {"b": 1}}', app_metadata = app_metadata || '{"plan": "x"}', blocked = true, email_verified = true WHERE user_id = 'auth0|cyd';
SELECT name, user_metadata, app_metadata, updated_at > :'before' AS moved FROM userdir.users;
SELECT statement, pg_temp.try(statement)
  FROM (VALUES ($$UPDATE userdir.users SET email = 'x@example.com'$$), ($$UPDATE userdir.users SET user_id = 'auth0|x'$$), ($$UPDATE userdir.users SET username = 'x'$$),
               ($$UPDATE userdir.users SET phone_number = '+1'$$), ($$UPDATE userdir.users SET created_at = now()$$),
               ($$UPDATE userdir.users SET user_metadata = '[]'$$), ($$UPDATE userdir.users SET user_metadata = '{"a.b": 1}'$$), ($$UPDATE userdir.users SET app_metadata = '{"blocked": true}'$$),
               ($$UPDATE userdir.users SET name = ''$$), ($$UPDATE userdir.users SET picture = 'no uri'$$), ($$UPDATE userdir.users SET given_name = repeat('x', 151)$$),
               ($$INSERT INTO userdir.users (user_id, email) VALUES ('auth0|1', 'x@example.com')$$),
               ($$UPDATE userdir.users SET name = 'Cyd D'$$)) s (statement);

-- A user's own triggers see the identity of a new user, may write the application's rows, and their errors arrive unchanged.
CREATE TABLE welcome (user_id text PRIMARY KEY REFERENCES userdir.users ON DELETE CASCADE, connection text);
CREATE FUNCTION greet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.email LIKE '%@blocked.example' THEN
    RAISE EXCEPTION 'no thanks' USING ERRCODE = 'XX123', HINT = 'Try another address.';
  END IF;
  INSERT INTO public.welcome VALUES (NEW.user_id, userdir.get_user(NEW.user_id) #>> '{identities,0,connection}');
  RETURN NULL;
END $$;
CREATE TRIGGER greet AFTER INSERT ON userdir.users FOR EACH ROW EXECUTE FUNCTION greet();
SELECT userdir.create_user('users', '{"email": "dee@example.com", "user_id": "dee"}') ->> 'user_id' AS user_id;
SELECT * FROM welcome;
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "x@blocked.example"}')$$);
SELECT count(*) AS users FROM userdir.users;

-- Neither from inside a trigger does a direct insert pass, but the functions may be called there.
CREATE OR REPLACE FUNCTION greet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.email = 'direct@example.com' THEN
    INSERT INTO userdir.users (user_id) VALUES ('auth0|smuggled');
  ELSIF NEW.email = 'pair@example.com' THEN
    PERFORM userdir.create_user('users', '{"email": "twin@example.com", "user_id": "twin"}');
  END IF;
  RETURN NULL;
END $$;
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "direct@example.com"}')$$);
SELECT userdir.create_user('users', '{"email": "pair@example.com", "user_id": "pair"}') ->> 'user_id' AS user_id;
SELECT user_id FROM userdir.users ORDER BY user_id;
DROP TRIGGER greet ON userdir.users;

-- A trigger that runs before ours cannot smuggle in what ours would refuse.
CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.user_metadata := '{"$bad": 1}'; RETURN NEW; END $$;
CREATE TRIGGER spoil BEFORE UPDATE ON userdir.users FOR EACH ROW EXECUTE FUNCTION spoil();
SELECT pg_temp.try($$UPDATE userdir.users SET nickname = 'x' WHERE user_id = 'auth0|cyd'$$);
DROP TRIGGER spoil ON userdir.users;

-- Columns and indexes of the application's own.
ALTER TABLE userdir.users ADD COLUMN tenant text DEFAULT 'main';
CREATE INDEX users_plan ON userdir.users ((app_metadata ->> 'plan'));
SELECT userdir.update_user('auth0|cyd', '{"app_metadata": {"plan": "gold"}}') -> 'app_metadata' AS app_metadata;
UPDATE userdir.users SET tenant = 'other' WHERE user_id = 'auth0|cyd';
SELECT userdir.update_user('auth0|cyd', '{"nickname": "y"}') ->> 'nickname' AS nickname;
SELECT tenant, nickname FROM userdir.users WHERE app_metadata ->> 'plan' = 'gold';
SELECT * FROM userdir.install();

-- After an error inside a function the guard is up again.
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "cyd@example.com"}')$$);
SELECT pg_temp.try($$INSERT INTO userdir.users (user_id) VALUES ('auth0|late')$$);
DROP TABLE orders, welcome;
DROP FUNCTION greet, spoil;

-- identities is what the table of that name says, and no statement of others changes it.
SELECT pg_temp.try($$UPDATE userdir.users SET identities = '[]'$$) ~ '^42501' AS refused;
SELECT count(*) AS different FROM userdir.users u WHERE u.identities IS DISTINCT FROM userdir._identities_json(u.user_id);
