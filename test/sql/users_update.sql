-- update_user(): the model's PATCH
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SELECT userdir.create_connection('users', 'auth0') ->> 'name' AS name
 UNION ALL SELECT userdir.create_connection('named', 'auth0', '{"requires_username": true}') ->> 'name'
 UNION ALL SELECT userdir.create_connection('legacy', 'auth0', '{"enabledDatabaseCustomization": true, "import_mode": false}') ->> 'name'
 UNION ALL SELECT userdir.create_connection('email', 'email') ->> 'name'
 UNION ALL SELECT userdir.create_connection('sms', 'sms') ->> 'name'
 UNION ALL SELECT userdir.create_connection('github', 'github') ->> 'name'
 UNION ALL SELECT userdir.create_connection('gitonce', 'github', '{"set_user_root_attributes": "on_first_login"}') ->> 'name'
 UNION ALL SELECT userdir.create_connection('saml', 'samlp', '{"set_user_root_attributes": "on_first_login", "non_persistent_attrs": ["nickname"]}') ->> 'name';
SELECT userdir.create_user('users', '{"email": "ann@example.com", "user_id": "ann", "email_verified": true, "phone_number": "+4930111", "phone_verified": true}') ->> 'user_id' AS user_id
 UNION ALL SELECT userdir.create_user('users', '{"email": "bob@example.com", "user_id": "bob"}') ->> 'user_id'
 UNION ALL SELECT userdir.create_user('named', '{"email": "cyd@example.com", "username": "cyd", "user_id": "cyd"}') ->> 'user_id'
 UNION ALL SELECT userdir.create_user('legacy', '{"email": "dan@example.com", "user_id": "dan"}') ->> 'user_id'
 UNION ALL SELECT userdir.create_user('email', '{"email": "eve@example.com", "user_id": "eve"}') ->> 'user_id'
 UNION ALL SELECT userdir.create_user('sms', '{"phone_number": "+4930222", "user_id": "fay"}') ->> 'user_id'
 UNION ALL SELECT userdir.upsert_from_connection('github', '{"id": 7, "login": "gus", "email": "gus@example.com"}') ->> 'user_id'
 UNION ALL SELECT userdir.upsert_from_connection('gitonce', '{"id": 8, "login": "hal", "email": "hal@example.com"}') ->> 'user_id'
 UNION ALL SELECT userdir.upsert_from_connection('saml', '{"issuer": "urn:x", "nameID": "ida", "attributes": {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": "ida@example.com"}}') ->> 'user_id';

-- Properties replace, metadata merges at its first level, null deletes a key, {} wipes.
SELECT userdir.update_user('auth0|ann', '{"name": "Ann A", "given_name": "Ann", "user_metadata": {"a": {"x": 1}, "b": 2}, "app_metadata": {"plan": "free"}}') - '{created_at,updated_at,picture,identities}'::text[] AS ann;
SELECT u -> 'user_metadata' AS user_metadata, u -> 'app_metadata' AS app_metadata FROM userdir.update_user('auth0|ann', '{"user_metadata": {"a": {"y": 1}, "b": null, "c": [1]}}') u;
SELECT u -> 'user_metadata' AS user_metadata, u -> 'app_metadata' AS app_metadata FROM userdir.update_user('auth0|ann', '{"user_metadata": {}}') u;
SELECT u -> 'user_metadata' AS user_metadata, u ? 'app_metadata' AS has_app_metadata FROM userdir.update_user('auth0|ann', '{"app_metadata": null}') u;
SELECT userdir.update_user('auth0|ann', '{"blocked": true}') -> 'blocked' AS blocked, userdir.update_user('auth0|ann', '{"blocked": false}') -> 'blocked' AS unblocked;

-- A new address or number is not verified, unless the call says so; the old one is free again.
SELECT u ->> 'email' AS email, u ->> 'email_verified' AS verified FROM userdir.update_user('auth0|ann', '{"email": "ANN2@example.com"}') u;
SELECT u ->> 'email' AS email, u ->> 'email_verified' AS verified FROM userdir.update_user('auth0|ann', '{"email": "ann3@example.com", "email_verified": true}') u;
SELECT u ->> 'email_verified' AS still_verified FROM userdir.update_user('auth0|ann', '{"email": "ann3@example.com"}') u;
SELECT u ->> 'phone_number' AS phone_number, u ->> 'phone_verified' AS verified FROM userdir.update_user('auth0|ann', '{"phone_number": "+4930333"}') u;
SELECT u ? 'phone_number' AS has_phone FROM userdir.update_user('auth0|ann', '{"phone_number": null, "phone_verified": null}') u;
SELECT value, kind FROM userdir.identifiers WHERE user_id = 'auth0|ann' ORDER BY kind, value;
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "ann@example.com", "user_id": "ann-two"}')$$) AS address_is_free;
SELECT pg_temp.try($$SELECT userdir.update_user('auth0|bob', '{"email": "Ann3@example.com"}')$$) AS address_is_taken;
SELECT userdir.get_user('auth0|bob', 'email');

-- updated_at moves with a change only.
SELECT updated_at AS before FROM userdir.users WHERE user_id = 'auth0|bob' \gset
SELECT pg_sleep(0.01) IS NULL AS slept;
SELECT userdir.update_user('auth0|bob', '{"blocked": null, "email": "bob@example.com"}') ->> 'email' AS email;
SELECT updated_at = :'before' AS same FROM userdir.users WHERE user_id = 'auth0|bob';
SELECT userdir.update_user('auth0|bob', '{"nickname": "bobby"}') ->> 'nickname' AS nickname;
SELECT updated_at > :'before' AS later, created_at < updated_at AS since_created FROM userdir.users WHERE user_id = 'auth0|bob';

-- What the kind of a connection allows.
SELECT user_id, changes, pg_temp.try(format('SELECT userdir.update_user(%L, %L)', user_id, changes))
  FROM (VALUES ('auth0|bob', '{"username": "bob"}'), ('auth0|bob', '{"name": null}'), ('auth0|bob', '{"email": null}'), ('auth0|bob', '{"email": "x", "blocked": true}'),
               ('auth0|cyd', '{"username": "CYD2"}'), ('auth0|cyd', '{"username": "cyd3", "email": "c@example.com"}'), ('auth0|cyd', '{"username": "cyd3", "email_verified": true}'),
               ('auth0|cyd', '{"username": null}'), ('auth0|cyd', '{"password": "x"}'),
               ('auth0|dan', '{"name": "D"}'), ('auth0|dan', '{"email": "d@example.com"}'), ('auth0|dan', '{"email_verified": true}'), ('auth0|dan', '{"blocked": true, "app_metadata": {"a": 1}}'),
               ('email|eve', '{"email": "e@example.com"}'), ('email|eve', '{"name": "Eve", "email_verified": true}'), ('email|eve', '{"phone_number": "+1"}'),
               ('sms|fay', '{"phone_number": "+4930444"}'), ('sms|fay', '{"email_verified": true}'), ('sms|fay', '{"phone_number": null}'),
               ('github|7', '{"nickname": "x"}'), ('github|7', '{"email": "g@example.com"}'), ('github|7', '{"email_verified": true}'), ('github|7', '{"user_metadata": {"a": 1}}'),
               ('github|8', '{"nickname": "x", "picture": "https://example.com/p.png"}'), ('github|8', '{"nickname": null}'),
               ('samlp|saml|ida', '{"name": "Ida"}'), ('samlp|saml|ida', '{"email_verified": true}'), ('samlp|saml|ida', '{"username": "ida"}'),
               ('auth0|nobody', '{}'), ('auth0|bob', '{"user_id": "x"}'), ('auth0|bob', '{"identities": []}'), ('auth0|bob', '{"created_at": "2020-01-01T00:00:00Z"}'),
               ('auth0|bob', '[]'), ('auth0|bob', '{"name": 7}'), ('auth0|bob', '{"user_metadata": {"$a": 1}}'), ('auth0|bob', '{"app_metadata": {"__tenant": 1}}'),
               ('auth0|bob', '{"connection": "github", "email": "x@example.com"}'), ('auth0|bob', '{"connection": "nobody"}')) t (user_id, changes);
SELECT pg_temp.try($$SELECT userdir.update_user('auth0|bob', NULL)$$);
SELECT pg_temp.try($$SELECT userdir.update_user(NULL, '{}')$$);

-- A linked identity: its identifiers change, the profile does not.
INSERT INTO userdir.identities (user_id, provider, provider_user_id, connection, is_primary, is_social, profile_data)
  VALUES ('github|7', 'auth0', 'gus2', 'users', false, false, '{"email": "gus2@example.com", "email_verified": true}');
INSERT INTO userdir.identifiers (value, kind, connection, user_id, provider, provider_user_id)
  VALUES ('auth0|gus2', 'identity', '', 'github|7', 'auth0', 'gus2'), ('gus2@example.com', 'email', 'users', 'github|7', 'auth0', 'gus2');
SELECT u ->> 'email' AS email, u #> '{identities,1}' AS linked FROM userdir.update_user('github|7', '{"connection": "users", "email": "Gus3@example.com"}') u;
SELECT pg_temp.try($$SELECT userdir.update_user('github|7', '{"connection": "users", "email": "bob@example.com"}')$$);
SELECT pg_temp.try($$SELECT userdir.update_user('github|7', '{"connection": "users", "nickname": "x"}')$$);
SELECT value, kind FROM userdir.identifiers WHERE user_id = 'github|7' ORDER BY value;
