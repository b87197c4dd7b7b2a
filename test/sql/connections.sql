-- Connections
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SELECT id ~ '^con_[A-Za-z0-9]{16}$' AS id, c.* - 'id' - 'created_at' - 'updated_at' AS connection
  FROM userdir.create_connection('customers', 'auth0', '{"requires_username": true, "realms": ["customers"], "enabled_clients": ["abc"], "anything": {"kept": null}}', 'Customers', '{"team": "growth"}') c,
       LATERAL (SELECT c ->> 'id' AS id) i;
SELECT userdir.create_connection('github', 'github') ->> 'strategy' AS strategy;
SELECT userdir.create_connection('acme', 'samlp', '{"set_user_root_attributes": "on_first_login", "non_persistent_attrs": ["birthday"]}') ->> 'strategy' AS strategy;

-- By name and by id.
SELECT userdir.get_connection(c ->> 'id') = c AS same FROM userdir.get_connection('customers') c;
SELECT userdir.get_connection('nobody');
SELECT jsonb_path_query_array(userdir.list_connections(), '$[*].name') AS all_names,
       jsonb_path_query_array(userdir.list_connections(strategy => 'samlp'), '$[*].name') AS saml,
       jsonb_path_query_array(userdir.list_connections(name => 'github'), '$[*].name') AS github;

-- Options are replaced whole.
SELECT userdir.update_connection('customers', '{"options": {"disable_signup": true}}') -> 'options' AS options;
SELECT c - 'id' - 'created_at' - 'updated_at' AS connection FROM userdir.update_connection('customers', '{"display_name": null, "metadata": {}}') c;

-- Names.
SELECT name, pg_temp.try(format('SELECT userdir.create_connection(%L, %L)', name, 'auth0'))
  FROM (VALUES ('a'), ('A-1'), (repeat('x', 128)), ('github'), (''), ('-a'), ('a-'), ('a--b'), ('a b'), ('a_b'), ('ä'), (repeat('x', 129)), (NULL)) n (name);

-- Strategies and options.
SELECT pg_temp.try($$SELECT userdir.create_connection('x1', 'gitlabb')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('x1', NULL)$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('x1', 'auth0', '[]')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('x1', 'auth0', NULL)$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('x1', 'github', '{"set_user_root_attributes": "sometimes"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('x1', 'github', '{"non_persistent_attrs": "birthday"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('x1', 'github', '{"attribute_map": {"map": {"naem": ["name"]}}}')$$) ~ '^(ok|UD002)' AS judged;
-- What says how users sign up and log in; null is as good as nothing.
SELECT options, pg_temp.try(format('SELECT userdir.update_connection(%L, %L)', 'customers', jsonb_build_object('options', options)))
  FROM (VALUES ('{"disable_signup": "true"}'::jsonb), ('{"disable_self_service_change_password": 1}'), ('{"brute_force_protection": "false"}'), ('{"requires_username": []}'),
               ('{"enabled_clients": "web"}'), ('{"enabled_clients": [1]}'), ('{"enabled_clients": {"web": true}}'), ('{"enabled_clients": false}'),
               ('{"validation": 1}'), ('{"validation": {"username": 1}}'), ('{"validation": {"username": {"min": 0}}}'), ('{"validation": {"username": {"max": 129}}}'), ('{"validation": {"username": {"max": "20"}}}'),
               ('{"validation": {"username": {"min": 1.5}}}'), ('{"validation": {"username": {"min": 1000}}}'), ('{"validation": {"username": {"min": -1}}}'), ('{"validation": {"username": {"min": 16}}}'), ('{"validation": {"username": {"min": 5, "max": 4}}}'),
               ('{"validation": {"username": {"min": 1, "max": 128}}}'), ('{"validation": {"username": null}, "enabled_clients": []}'), ('{"validation": {"username": {"min": null}}, "enabled_clients": null}'), ('{"validation": null}'),
               ('{"disable_signup": null, "brute_force_protection": false, "requires_username": true}')) o (options);
SELECT pg_temp.try($$SELECT userdir.create_connection('x1', 'auth0', '{"disable_signup": "yes"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('x1', 'auth0', '{}', repeat('x', 129))$$);
-- A misspelled option would be in force nowhere; what is like none of ours is kept.
SELECT name, pg_temp.try(format('SELECT userdir.create_connection(%L, %L, %L)', 'x1', 'auth0', jsonb_build_object(name, null)))
  FROM unnest('{passwordpolicy,password_policy,PasswordPolicy,passwordPolcy,password_histroy,password_dictonary,password_complexity,disable_signups,disable-signup,disable_singup,disableSignUp,enabled_client,enabledClients,bruteForceProtection,requires_user_name,attributeMap,fields_map,validaton,disable_self_service}'::text[]) name;
SELECT userdir.create_connection('x2', 'samlp', '{"disableSignout": true, "disable_sign_out": false, "signOutEndpoint": "https://idp.example", "attributes": {}, "validate": 1, "password": null, "passwordless": 1, "scope": "email", "enabled": true, "": 1, "_": 1, "käse": 2}') ->> 'options' AS kept;
SELECT userdir.create_connection('x3', 'github', jsonb_build_object(repeat('passwordPolicy', 20), 1)) IS NOT NULL AS long_name_kept;
SELECT userdir.delete_connection(name) FROM unnest('{x2,x3}'::text[]) name;
SELECT pg_temp.try($$SELECT userdir.create_connection('x1', 'auth0', '{}', NULL, '{"a": 1}')$$);
SELECT pg_temp.try(format($$SELECT userdir.create_connection('x1', 'auth0', '{}', NULL, %L)$$, (SELECT jsonb_object_agg('k' || i, 'v') FROM generate_series(1, 11) i)));
SELECT pg_temp.try($$SELECT userdir.update_connection('customers', '{"name": "other"}')$$);
SELECT pg_temp.try($$SELECT userdir.update_connection('customers', '{"options": null}')$$);
SELECT pg_temp.try($$SELECT userdir.update_connection('customers', '{"display_name": 1}')$$);
SELECT pg_temp.try($$SELECT userdir.update_connection('customers', '7')$$);
SELECT pg_temp.try($$SELECT userdir.update_connection('customers', NULL)$$);
SELECT pg_temp.try($$SELECT userdir.update_connection('nobody', '{}')$$);
SELECT userdir.get_connection('x1');

-- Deleting: refused while there are users, unless they are to go too.
SELECT userdir.upsert_from_connection('github', '{"id": 1, "login": "octo"}') ->> 'user_id' AS user_id;
SELECT pg_temp.try($$SELECT userdir.delete_connection('github')$$);
SELECT userdir.delete_connection('github', delete_users => true) AS deleted;
SELECT userdir.delete_connection('github') AS deleted_again;
SELECT count(*) AS users FROM userdir.users;

-- A linked identity of the connection goes, the user it is linked to stays.
SELECT userdir.create_connection('github', 'github') ->> 'name' AS name;
SELECT userdir.create_connection('people', 'auth0') ->> 'name' AS name;
SELECT userdir.create_user('people', '{"email": "ann@example.com", "user_id": "1"}') ->> 'user_id' AS user_id;
INSERT INTO userdir.identities (user_id, provider, provider_user_id, connection, is_primary, is_social, profile_data)
  VALUES ('auth0|1', 'github', '7', 'github', false, true, '{}');
INSERT INTO userdir.identifiers (value, kind, connection, user_id, provider, provider_user_id)
  VALUES ('github|7', 'identity', '', 'auth0|1', 'github', '7');
SET session_replication_role = replica;
SELECT userdir._renew_identities('{auth0|1}');
RESET session_replication_role;
SELECT userdir.delete_connection('github', delete_users => true) AS deleted;
SELECT user_id, jsonb_path_query_array(identities, '$[*].provider') AS providers FROM userdir.profiles;
SELECT value FROM userdir.identifiers ORDER BY value;

-- Rows of the application can hold a user fast.
CREATE TABLE orders (user_id text REFERENCES userdir.users);
INSERT INTO orders VALUES ('auth0|1');
SELECT pg_temp.try($$SELECT userdir.delete_connection('people', true)$$);
SELECT count(*) AS connections FROM userdir.connections WHERE name = 'people';
DROP TABLE orders;
