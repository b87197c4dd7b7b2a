-- install(), version() and uninstall()
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SELECT sql = library AS versions_agree, data, remedy FROM userdir.version();

-- Again: nothing changes, not even the time of the last change.
SELECT updated_at AS before FROM userdir.directory \gset
SELECT * FROM userdir.install();
SELECT updated_at = :'before' AS untouched FROM userdir.directory;

-- The directory can be renamed; an empty name is refused.
SELECT * FROM userdir.install('renamed');
SELECT pg_temp.try($$SELECT userdir.install('')$$);

-- Tables are ordinary: the extension owns none of them, and nothing in them needs the extension.
SELECT count(*) AS member_relations
  FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
 WHERE e.extname = 'userdir' AND d.deptype = 'e' AND d.classid = 'pg_class'::regclass;
SELECT count(*) AS columns_of_our_types
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
 WHERE c.relnamespace = 'userdir'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
   AND t.typnamespace <> 'pg_catalog'::regnamespace;
SELECT count(*) AS sequences FROM pg_class WHERE relnamespace = 'userdir'::regnamespace AND relkind = 'S';

-- Every table and view has its comment.
SELECT c.relname FROM pg_class c
 WHERE c.relnamespace = 'userdir'::regnamespace AND c.relkind IN ('r', 'v', 'p') AND obj_description(c.oid, 'pg_class') IS NULL;

-- Without the extension the rows are still there; with it again the directory works again.
SELECT userdir.create_connection('users', 'auth0') ->> 'name' AS connection;
SELECT userdir.create_user('users', '{"email": "ann@example.com", "user_id": "1"}') ->> 'user_id' AS user_id;
DROP EXTENSION userdir CASCADE;
SELECT user_id, email FROM userdir.users;
SELECT user_id, identities FROM userdir.profiles;
CREATE EXTENSION userdir;
SELECT userdir.get_user('auth0|1') ->> 'email' AS before_install;
SELECT * FROM userdir.install();
SELECT userdir.update_user('auth0|1', '{"nickname": "annie"}') ->> 'nickname' AS nickname;

-- CASCADE takes the search indexes along, and nothing else.
DROP EXTENSION userdir CASCADE;
SELECT count(*) FROM userdir.users;
CREATE EXTENSION userdir;

-- A directory without its trigger or view gets them back.
DROP VIEW userdir.profiles;
DROP TRIGGER zz_userdir_guard ON userdir.users;
SELECT * FROM userdir.install();
SELECT pg_temp.try($$INSERT INTO userdir.users (user_id) VALUES ('x|1')$$);
SELECT count(*) FROM userdir.profiles;

-- A dump of the schema alone has no row that tells the version; the tables' definition does, and no
-- step runs again. Without its row a directory has no name that would drop it.
DELETE FROM userdir.directory;
SELECT data, remedy FROM userdir.version();
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "b@example.com"}')$$) ~ '^UD102' AS refused;
SELECT pg_temp.try($$SELECT userdir.uninstall(NULL)$$);
SELECT regexp_replace(done, '\d+', 'N') AS done FROM userdir.install('renamed') done;
SELECT count(*) FROM userdir.users;

-- Whoever calls install(), the tables keep their owner and new ones get the same.
SET client_min_messages = warning;
DROP ROLE IF EXISTS ud_owner, ud_stranger;
CREATE ROLE ud_owner; CREATE ROLE ud_stranger;
RESET client_min_messages;
SELECT userdir._equip_owner('ud_owner'), userdir._equip_owner('ud_stranger');
DO $$ DECLARE r regclass; BEGIN
  FOR r IN SELECT oid FROM pg_class WHERE relnamespace = 'userdir'::regnamespace AND relkind IN ('r', 'v', 'p') LOOP EXECUTE format('ALTER TABLE %s OWNER TO ud_owner', r); END LOOP;
END $$;
DO $$ DECLARE r regprocedure; BEGIN
  FOR r IN SELECT oid FROM pg_proc p WHERE pronamespace = 'userdir'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  LOOP EXECUTE format('ALTER FUNCTION %s OWNER TO ud_owner', r); END LOOP;
END $$;
DROP VIEW userdir.profiles;
SELECT regexp_replace(done, '\d+', 'N') AS done FROM userdir.install() done;
SELECT relname FROM pg_class WHERE relnamespace = 'userdir'::regnamespace AND relowner <> 'ud_owner'::regrole;
SELECT userdir.create_user('users', '{"email": "owned@example.com", "user_id": "2"}') ->> 'user_id' AS user_id;
SET ROLE ud_stranger;
SELECT pg_temp.try($$SELECT userdir.install()$$);
SELECT pg_temp.try($$SELECT userdir.uninstall('renamed')$$);
RESET ROLE;
SELECT * FROM userdir.uninstall('renamed');
DO $$ BEGIN PERFORM userdir.install('renamed'); END $$;
DROP OWNED BY ud_owner, ud_stranger;
DROP ROLE ud_owner, ud_stranger;

-- Tables of another version are refused with the remedy.
UPDATE userdir.directory SET data_version = 0;
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "b@example.com"}')$$);
SELECT data, remedy FROM userdir.version();
UPDATE userdir.directory SET data_version = 999;
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "b@example.com"}')$$);
SELECT pg_temp.try($$SELECT userdir.install()$$);
SELECT data, remedy FROM userdir.version();
UPDATE userdir.directory SET data_version = userdir._expected_data_version();

-- So are SQL objects of another version than the library's.
UPDATE pg_extension SET extversion = '0.0.0' WHERE extname = 'userdir';
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "b@example.com"}')$$);
SELECT pg_temp.try($$SELECT userdir.install()$$);
SELECT sql, remedy FROM userdir.version();
UPDATE pg_extension SET extversion = userdir._library_version() WHERE extname = 'userdir';

-- Only its name drops it, and not while others depend on it.
SELECT pg_temp.try($$SELECT userdir.uninstall(NULL)$$);
SELECT pg_temp.try($$SELECT userdir.uninstall('Renamed')$$);
CREATE TABLE orders (user_id text REFERENCES userdir.users);
SELECT pg_temp.try($$SELECT userdir.uninstall('renamed')$$);
DROP TABLE orders;
SELECT * FROM userdir.uninstall('renamed');
SELECT pg_temp.try($$SELECT userdir.uninstall('renamed')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "b@example.com"}')$$);
SELECT data, remedy FROM userdir.version();

-- A session that has worked with the former directory works with the next one.
CREATE FUNCTION pg_temp.work() RETURNS TABLE (id text, renamed text, refreshed text, client text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM userdir.install('renamed');
  PERFORM userdir.create_connection('users', 'auth0'), userdir.create_connection('github', 'github');
  PERFORM userdir.create_client('Shop', '{"client_id": "shop", "token_endpoint_auth_method": "none"}');
  PERFORM userdir.create_user('users', '{"email": "ada@example.com", "user_id": "ada"}');
  PERFORM userdir.upsert_from_connection('github', '{"id": 7, "login": "gus", "name": "Gus"}');
  RETURN QUERY SELECT u ->> 'user_id', u ->> 'name', userdir.upsert_from_connection('github', '{"id": 7, "login": "gus", "name": "August"}') ->> 'name', userdir.update_client('shop', '{"name": "Store"}') ->> 'name'
    FROM userdir.update_user('auth0|ada', '{"name": "Ada", "app_metadata": {"plan": "gold"}}') u;
END $$;
SELECT * FROM pg_temp.work();
SELECT * FROM userdir.uninstall('renamed');
SELECT * FROM pg_temp.work();
SELECT * FROM userdir.uninstall('renamed');
